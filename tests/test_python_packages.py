"""Packages that Python functions find as they find boto3 on AWS."""

import io
import zipfile

import harness
import test_lambda

HANDLER = """
import lent, own

def handler(event, context):
    return [lent.WHENCE, own.WHENCE]
"""


def test_functions_find_the_packages_and_their_own_come_first(places):
    packages = places / harness.unique("packages")
    packages.mkdir()
    for name in ("lent", "own"):
        (packages / f"{name}.py").write_text("WHENCE = 'the lab'\n")
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", HANDLER)
        archive.writestr("own.py", "WHENCE = 'the function'\n")
    lab = harness.Lab(places / harness.unique("python"), more=("--python-packages", packages))
    with harness.running(lab):
        functions = test_lambda.Functions(lab)
        functions.api.create_function(
            FunctionName="lent", Runtime="python3.12", Role=test_lambda.ROLE, Handler="app.handler", Code={"ZipFile": code.getvalue()})
        functions.api.create_function(
            FunctionName="elsewhere", Runtime="python3.12", Role=test_lambda.ROLE, Handler="app.handler", Code={"ZipFile": code.getvalue()},
            Environment={"Variables": {"PYTHONPATH": "/var/task/lib"}})
        for name in ("lent", "elsewhere"):
            answer, _ = functions.call(name)
            assert answer == ["the lab", "the function"], (name, answer)
