import json


def handler(event, context):
    """The pets, and through which endpoint they were asked for."""
    caller = event["requestContext"]["identity"]
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps({"pets": ["Bello", "Mimi"], "endpoint": caller["vpceId"], "address": caller["sourceIp"]}),
    }
