"""The Python runtime of vpclab: takes events from the Lambda Runtime API and gives them to the handler.

What the handler sees is what AWS's own interface client shows it:
https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html, https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
"""
import decimal
import http.client
import importlib
import json
import logging
import os
import site
import sys
import time
import traceback
import types

API = "/2018-06-01/runtime/"
REQUEST = {"id": ""}
PACKAGES = "/var/python_packages"


class Encoder(json.JSONEncoder):
    def default(self, value):
        if isinstance(value, decimal.Decimal):
            return float(value)
        return super().default(value)


class Fault(Exception):
    def __init__(self, kind, message, trace=None):
        super().__init__(message)
        self.kind, self.message, self.trace = kind, message, trace or []


class Context:
    def __init__(self, headers):
        env = os.environ
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers.get("Lambda-Runtime-Invoked-Function-Arn")
        self.function_name = env["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = env["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = env["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = env["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.tenant_id = None
        identity = json.loads(headers.get("Lambda-Runtime-Cognito-Identity") or "null") or {}
        self.identity = types.SimpleNamespace(
            cognito_identity_id=identity.get("cognitoIdentityId"),
            cognito_identity_pool_id=identity.get("cognitoIdentityPoolId"),
        )
        client = json.loads(headers.get("Lambda-Runtime-Client-Context") or "null")
        self.client_context = None
        if client is not None:
            self.client_context = types.SimpleNamespace(
                custom=client.get("custom"), env=client.get("env"), client=types.SimpleNamespace(**(client.get("client") or {}))
            )
        self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(self._deadline - int(time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))


JSON_LOG = os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"
TIME = "%Y-%m-%dT%H:%M:%S"
# What a record has of its own; the rest came by `extra`.
OWN = set(vars(logging.makeLogRecord({}))) | {"aws_request_id", "message", "asctime"}


class Handler(logging.Handler):
    def emit(self, record):
        write(self.format(record))


class RequestId(logging.Filter):
    def filter(self, record):
        record.aws_request_id = REQUEST["id"]
        return True


class JsonFormatter(logging.Formatter):
    """https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html#python-logging-advanced"""

    def format(self, record):
        level = min(50, max(0, record.levelno)) // 10 * 10
        line = {
            "timestamp": "%s.%03dZ" % (self.formatTime(record, TIME), record.msecs),
            "level": logging.getLevelName(level),
            "message": record.getMessage(),
            "logger": record.name,
        }
        if record.exc_info:
            kind, error, trace = record.exc_info
            line["stackTrace"] = traceback.format_tb(trace)
            line["errorType"] = kind.__name__ if kind else None
            line["errorMessage"] = str(error)
        line["requestId"] = record.aws_request_id
        if record.exc_info:
            line["location"] = "%s:%s:%s" % (record.pathname, record.funcName, record.lineno)
        for name, value in vars(record).items():
            if name not in OWN:
                line.setdefault(name, value)
        return json.dumps({name: value for name, value in line.items() if value is not None}, ensure_ascii=False)


def write(text):
    # One line of the log for all of it, as AWS keeps it.
    sys.stdout.write(text.replace("\n", "\r") + "\n")
    sys.stdout.flush()


def set_up_logging():
    logging.Formatter.converter = time.gmtime
    handler = Handler()
    text = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"
    handler.setFormatter(JsonFormatter() if JSON_LOG else logging.Formatter(text, TIME))
    handler.addFilter(RequestId())
    logging.getLogger().addHandler(handler)
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
    level = {"TRACE": "DEBUG"}.get(level, level)
    if isinstance(logging.getLevelName(level), int):
        logging.getLogger().setLevel(level)


def handler_of(name):
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        raise Fault("Runtime.MalformedHandlerName", "Bad handler '%s': not enough values to unpack (expected 2, got 1)" % name)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module_name, error))
    except SyntaxError as error:
        trace = ['  File "%s" Line %s\n    %s' % (error.filename, error.lineno, error.text)]
        raise Fault("Runtime.UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module_name, error), trace)
    try:
        return getattr(module, function_name)
    except AttributeError:
        raise Fault("Runtime.HandlerNotFound", "Handler '%s' missing on module '%s'" % (function_name, module_name))


def described(error, own_frames):
    if isinstance(error, Fault):
        return {"errorMessage": error.message, "errorType": error.kind, "requestId": REQUEST["id"], "stackTrace": error.trace}
    frames = traceback.extract_tb(error.__traceback__)[own_frames:]
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "requestId": REQUEST["id"],
        "stackTrace": traceback.format_list(frames),
    }


def log(error):
    if JSON_LOG:
        line = {"timestamp": time.strftime(TIME, time.gmtime()), "level": "ERROR", **error}
        return write(json.dumps(line, cls=Encoder, ensure_ascii=False))
    lines = ["[ERROR] %s: %s" % (error["errorType"], error["errorMessage"])]
    if error["stackTrace"]:
        lines.append("Traceback (most recent call last):")
        lines += [line.rstrip("\n") for line in error["stackTrace"]]
    write("\n".join(lines))


class Api:
    def __init__(self, address):
        self.address = address
        self.connection = None

    def call(self, method, path, body=None, headers=None):
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.address)
        self.connection.request(method, API + path, body, headers or {})
        answer = self.connection.getresponse()
        return answer, answer.read()

    def report(self, path, error):
        body = json.dumps(error, cls=Encoder).encode()
        self.call("POST", path, body, {"Lambda-Runtime-Function-Error-Type": error["errorType"], "Content-Type": "application/json"})


def answer(handler, body, context):
    try:
        event = json.loads(body)
    except ValueError as error:
        raise Fault("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % error)
    result = handler(event, context)
    try:
        return json.dumps(result, cls=Encoder, ensure_ascii=False).encode()
    except (TypeError, ValueError) as error:
        raise Fault("Runtime.MarshalError", "Unable to marshal response: %s" % error)


def lend():
    """The packages of `--python-packages`: before the machine's own, and also where the function sets PYTHONPATH."""
    if os.path.isdir(PACKAGES):
        own = [at for at, path in enumerate(sys.path) if path in site.getsitepackages()]
        sys.path.insert(own[0] if own else len(sys.path), PACKAGES)


def main():
    root = os.environ["LAMBDA_TASK_ROOT"]
    version = "python%d.%d" % sys.version_info[:2]
    sys.path[:1] = [root, "/opt/python/lib/%s/site-packages" % version, "/opt/python"]
    lend()
    set_up_logging()
    api = Api(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = handler_of(os.environ["_HANDLER"])
    except Exception as error:
        # The module's own frames come after ours and those of importlib.
        found = described(error, 0)
        if not isinstance(error, Fault):
            found["stackTrace"] = [f for f in found["stackTrace"] if "bootstrap.py" not in f and "importlib" not in f]
        log(found)
        api.report("init/error", found)
        sys.exit(1)
    while True:
        taken, body = api.call("GET", "invocation/next")
        context = Context(taken.headers)
        REQUEST["id"] = context.aws_request_id
        trace = taken.headers.get("Lambda-Runtime-Trace-Id")
        if trace:
            os.environ["_X_AMZN_TRACE_ID"] = trace
        else:
            os.environ.pop("_X_AMZN_TRACE_ID", None)
        path = "invocation/%s/" % context.aws_request_id
        try:
            result = answer(handler, body, context)
        except SystemExit:
            raise
        except BaseException as error:
            # Frames 0 and 1 are `main` and `answer`.
            found = described(error, 2)
            log(found)
            api.report(path + "error", found)
        else:
            sys.stdout.flush()
            api.call("POST", path + "response", result, {"Content-Type": "application/json"})


main()
