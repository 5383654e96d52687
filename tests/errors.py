"""Refusals of the control plane, compared to the letter."""

import contextlib

import botocore.exceptions
import pytest


@contextlib.contextmanager
def refused(code, message=None, status=400):
    """The block is refused with this code and status; and this message, a text or a compiled pattern."""
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        yield
    error = raised.value.response
    seen = (error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"])
    assert seen == (code, status), error
    if hasattr(message, "fullmatch"):
        assert message.fullmatch(error["Error"]["Message"]), error["Error"]["Message"]
    elif message is not None:
        assert error["Error"]["Message"] == message
