"""`sam build` and `sam deploy` of the story's template: seconds, and how much of them vpclab itself used.

The peer is `sam` without a service: `sam build`, and `sam validate`, which reads and transforms the template and asks nobody.
"""

import os
import shutil
import time

import lab as bench
import stacks
from harness import SEOUL


def cpu(pid):
    """CPU seconds that a process and its ended children used."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return sum(int(fields[n]) for n in (11, 12, 13, 14)) / os.sysconf("SC_CLK_TCK")


def timed(lab, place, *arguments):
    began = time.monotonic()
    answer = stacks.client(lab, "sam", *arguments, cwd=place)
    assert answer.code == 0, answer
    return time.monotonic() - began


def main():
    with bench.lab() as lab:
        place = lab.place / "seoul"
        shutil.copytree(stacks.EXAMPLES / "seoul", place)
        runtime = f"Runtime={stacks.RUNTIME}"
        build = timed(lab, place, "build", "--parameter-overrides", runtime)
        alone = timed(lab, place, "validate", "--region", SEOUL)
        before = cpu(lab.pid)
        deploy = timed(lab, place, "deploy", "--stack-name", "seoul", "--region", SEOUL, "--resolve-s3", "--capabilities", "CAPABILITY_IAM",
                       "--parameter-overrides", runtime)
        used = cpu(lab.pid) - before
        events = lab.client("cloudformation").describe_stack_events(StackName="seoul")["StackEvents"]
        stack = (max(event["Timestamp"] for event in events) - min(event["Timestamp"] for event in events)).total_seconds()
        bench.result("sam deploy", f"{deploy:.1f} s, of which the stack {stack:.2f} s and vpclab's processor time {used:.2f} s   "
                     f"sam build {build:.1f} s, sam validate {alone:.1f} s   share of vpclab {used / deploy:.3f}",
                     deploy=deploy, stack=stack, cpu=used, build=build, validate=alone)


main()
