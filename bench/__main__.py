"""Everything: installs the peers, measures, and writes the figures: `python -m bench FOLDER`."""

import json
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from bench import report

# The newest of each line; what was installed is in the figures.
DATASETTE, DATASETTE_1 = "datasette==0.65.*", "datasette>=1.0a0"
PACKAGES = ["json-server@1.0.0-beta.3", "soul-cli"]


def main() -> None:
    """Install what is missing, and measure one thing after the other."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "/tmp/readout-bench")  # noqa: S108 - as large as it is
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.which("wrk") is None:
        raise SystemExit("this needs wrk; type: apt-get install wrk")
    old = _datasette(folder / "datasette", DATASETTE)
    new = _datasette(folder / "datasette-1", DATASETTE_1)
    node = _packages(folder / "node")
    everything = str(folder / "data")
    for module, *options in (
        ("bench.run", "--datasette", old, "--write"),
        ("bench.hot", "--write"),
        ("bench.peers", "--datasette", old, "--datasette1", new, "--node", node, "--write"),
        ("bench.growth", "--write"),
        ("bench.downloads", "--datasette", old, "--write"),
        ("bench.history", "--write"),
    ):
        print(f"\n## {module}", flush=True)
        subprocess.run([sys.executable, "-m", module, everything, *options], check=True)
    installed = [_version([old, "--version"]), _version([new, "--version"]), *_installed(node)]
    report.write("versions", [f"The peers: {', '.join(installed)}."])


def _datasette(folder: Path, wanted: str) -> str:
    """Its command."""
    command = folder / "bin" / "datasette"
    if not command.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([folder / "bin" / "pip", "install", "--quiet", "--pre", wanted], check=True)
    return str(command)


def _packages(folder: Path) -> str:
    """The folder of their commands; empty where there is no npm."""
    if shutil.which("npm") is None:
        return ""
    if not (folder / "node_modules" / ".bin" / "soul").exists():
        folder.mkdir(exist_ok=True)
        (folder / "package.json").write_text("{}", encoding="utf-8")
        install = ["npm", "install", "--no-audit", "--no-fund", *PACKAGES]
        subprocess.run(install, cwd=folder, check=True)
    return str(folder / "node_modules" / ".bin")


def _installed(node: str) -> list[str]:
    modules = Path(node).parent
    if not node:
        return []
    files = [modules / name / "package.json" for name in ("json-server", "soul-cli")]
    packages = [json.loads(file.read_text(encoding="utf-8")) for file in files if file.exists()]
    return [f"{package['name']} {package['version']}" for package in packages]


def _version(command: list[str]) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout.strip().replace(", version", "")


if __name__ == "__main__":
    main()
