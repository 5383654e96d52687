// Answers CloudFormation about a custom resource.
exports.SUCCESS = "SUCCESS";
exports.FAILED = "FAILED";

exports.send = function (event, context, responseStatus, responseData, physicalResourceId, noEcho) {
    const body = JSON.stringify({
        Status: responseStatus,
        Reason: "See the details in CloudWatch Log Stream: " + context.logStreamName,
        PhysicalResourceId: physicalResourceId || context.logStreamName,
        StackId: event.StackId,
        RequestId: event.RequestId,
        LogicalResourceId: event.LogicalResourceId,
        NoEcho: noEcho || false,
        Data: responseData,
    });
    const url = new URL(event.ResponseURL);
    const http = require(url.protocol === "http:" ? "http" : "https");
    // What signs the URL knows of no content type.
    const headers = { "content-type": "", "content-length": Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
        const request = http.request(url, { method: "PUT", headers }, (answer) => {
            console.log("Status code: " + answer.statusCode);
            answer.resume();
            resolve(context.done());
        });
        request.on("error", (why) => {
            console.log("send(..) failed executing http.request(..): " + why);
            reject(context.done(why));
        });
        request.end(body);
    });
};
