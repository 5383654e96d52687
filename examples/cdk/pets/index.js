exports.handler = async (event) => ({
  statusCode: 200,
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ name: process.env.NAME, path: event.path, vpce: event.requestContext.identity.vpceId }),
});
