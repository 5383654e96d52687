//! `AWS::Serverless::Application`: a nested stack.
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-application.html>
use crate::{
    fault::{Fault, Out},
    function,
    made::{Made, NESTED_STACK},
    source::{Form, Source, Want},
    text::Text,
    value::{Dict, Kind, Val},
};
use vpclab_template::Span;

static FORM: Form = Form {
    kind: "AWS::Serverless::Application",
    properties: &[
        ("Location", true, Want::TextOrMap),
        ("TemplateUrl", false, Want::Text),
        ("Parameters", false, Want::Map),
        ("NotificationARNs", false, Want::Items),
        ("Tags", false, Want::Map),
        ("TimeoutInMinutes", false, Want::Int),
    ],
};

/// The nested stack, under the same id. Where the template lies is a text: what else it can be names an application of the
/// Serverless Application Repository.
pub(crate) fn transform(id: &Text, resource: &Dict, mut properties: Dict, at: Span) -> Out<Made> {
    let Some(location) = properties.get("Location").cloned() else {
        return Err(Fault::resource(id, "Resource is missing the required [Location] property."));
    };
    if matches!(location.kind, Kind::Dict(_)) {
        return Err(Fault::unbuilt(id, "applications of the Serverless Application Repository"));
    }
    properties.insert("TemplateUrl", location);
    let source = Source::read(&FORM, id, resource, properties, at)?;
    let mut stack = Made::new(id.clone(), &NESTED_STACK, source.passed())?;
    stack.depends_on = source.depends_on.clone();
    stack.put("Parameters", source.get("Parameters"))?;
    stack.put("NotificationARNs", source.get("NotificationARNs"))?;
    stack.set("Tags", function::tags(&source)?)?;
    stack.put("TimeoutInMinutes", source.get("TimeoutInMinutes"))?;
    stack.set("TemplateURL", source.truthy("TemplateUrl").cloned().unwrap_or_else(|| Val::from("")))?;
    Ok(stack)
}
