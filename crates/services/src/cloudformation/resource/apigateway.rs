//! `AWS::ApiGateway::…`
