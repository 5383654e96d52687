"""How long judging takes, without packets: policies, explanations, who can call, all pairs. There is no peer that answers the same question.

The measurements are a bench of the crate that judges: `cargo bench -p vpclab-explain --bench judge`.
"""

import json
import pathlib
import subprocess

import lab as bench


def shown(seconds):
    for unit, size in (("h", 3600), ("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds / 1e-9:.0f} ns"


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    command = ["cargo", "bench", "--quiet", "--locked", "-p", "vpclab-explain", "--bench", "judge"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            figure = json.loads(line)
            goal = "" if figure["goal"] is None else f" (goal {shown(figure['goal'])})"
            bench.result("judge", f"{figure['what']}: {shown(figure['seconds'])}{goal}", **figure)


main()
