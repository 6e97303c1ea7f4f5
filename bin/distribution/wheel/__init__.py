"""abi3lint: what keeps CPython extension modules from the stable ABI. The program is in `dist`, and runs on Node."""
