from setuptools import Extension, setup
common = ["helper.c"]
setup(ext_modules=[
    Extension("one", sources=["one.c", "helper.c", "missing.c"]),
    Extension("pkg._two", ["two.cpp", "./src/../src/deep.c"]),
    Extension("single", ["lonely.c"]),
])
