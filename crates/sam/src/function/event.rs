//! Events of the type `Api`: a permission, and a path in the API's definition.
use crate::{
    context::Context,
    editor::{self, Editor, Parameter},
    expect::{self, Type},
    fault::{Fault, Out},
    implicit::{MANAGED, api_id},
    intrinsic,
    made::{Made, PERMISSION},
    print,
    source::{Form, Source, Want},
    text::Text,
    value::{Dict, Val},
};

mod access;

static FORM: Form = Form {
    kind: "Api",
    properties: &[
        ("Path", true, Want::Text),
        ("Method", true, Want::Text),
        ("RestApiId", true, Want::Text),
        ("Stage", false, Want::Text),
        ("Auth", false, Want::Map),
        ("RequestModel", false, Want::Map),
        ("RequestParameters", false, Want::List),
        ("TimeoutInMillis", false, Want::Int),
        ("ResponseTransferMode", false, Want::Text),
    ],
};

/// Types of events that AWS transforms and vpclab does not build.
const UNBUILT: [&str; 18] = [
    "AlexaSkill",
    "CloudWatchEvent",
    "CloudWatchLogs",
    "Cognito",
    "DocumentDB",
    "DynamoDB",
    "EventBridgeRule",
    "HttpApi",
    "IoTRule",
    "Kinesis",
    "MQ",
    "MSK",
    "S3",
    "SNS",
    "SQS",
    "Schedule",
    "ScheduleV2",
    "SelfManagedKafka",
];

/// The API of each event, and the suffix of its permission.
pub(crate) struct Links(Vec<(Text, Link)>);

struct Link {
    api: Text,
    stage: Val,
}

fn read(function: &Source, id: &Text, event: &Val) -> Out<Source> {
    if event.dict().is_none() {
        // What Python says, and AWS with it.
        return Err(Fault::event(id, format!("'{}' object has no attribute 'get'", print::type_name(event))));
    }
    let kind = event.get("Type").and_then(Val::text);
    match kind.map(Text::as_str) {
        Some("Api") => {}
        Some(kind) if UNBUILT.contains(&kind) => {
            return Err(Fault::event(id, format!("vpclab does not build events of the type '{kind}'.")));
        }
        _ => {
            let kind = event.dict().and_then(|event| event.raw("Type")).map_or_else(|| "None".to_owned(), print::str);
            return Err(Fault::event(id, format!("Resource dict has missing or invalid value for key Type. Event Type is: {kind}.")));
        }
    }
    let event = event.dict().ok_or(Fault::Internal)?;
    let whole = function.id.plus(id);
    let properties = match event.raw("Properties") {
        None => Dict::new(),
        Some(own) => own.dict().cloned().ok_or_else(|| Fault::resource(&whole, "Properties of a resource must be an object."))?,
    };
    Source::read(&FORM, &whole, event, properties, function.at)
}

fn events(function: &Source) -> Option<&Dict> {
    function.get("Events").and_then(Val::dict)
}

/// Finds the APIs of a function's events.
pub(crate) fn link(function: &Source, resources: &Dict) -> Out<Links> {
    let mut links = Vec::new();
    for (id, event) in events(function).into_iter().flat_map(Dict::iter) {
        match one_link(function, id, event, resources) {
            Err(Fault::Event(id, message)) => return Err(function.fault(Fault::Event(id, message).message())),
            other => links.push((id.clone(), other?)),
        }
    }
    Ok(Links(links))
}

fn one_link(function: &Source, id: &Text, event: &Val, resources: &Dict) -> Out<Link> {
    let event = read(function, id, event)?;
    let api = api_id(&event.properties).and_then(Val::text).cloned().ok_or(Fault::Internal)?;
    let message = "RestApiId property of Api event must reference a valid resource in the same template.";
    let resource = resources.get(&api).and_then(Val::dict).ok_or_else(|| Fault::event(id, message))?;
    let none = Dict::new();
    let properties = match resource.raw("Properties") {
        Some(own) => own.dict().ok_or_else(|| Fault::resource(&api, "Attribute 'Properties' should be a map."))?,
        None => &none,
    };
    let stage = match properties.get("StageName") {
        Some(name) if name.text().is_some() && !name.truthy() => return Err(Fault::resource(&api, "StageName cannot be empty.")),
        Some(name) if name.text().is_some() => name.clone(),
        _ => "Stage".into(),
    };
    Ok(Link { api, stage })
}

/// The permissions; the definitions in `resources` get the paths. In the order of the paths.
pub(super) fn transform(
    function: &Source,
    links: &Links,
    made: &Made,
    alias: Option<&Made>,
    resources: &mut Dict,
    context: &Context,
) -> Out<Vec<Made>> {
    let mut order: Vec<(Text, Text, Val)> = Vec::new();
    for (id, event) in events(function).into_iter().flat_map(Dict::iter) {
        let path = event.get("Properties").and_then(|own| own.get("Path")).and_then(Val::text).unwrap_or(id);
        order.push((path.clone(), id.clone(), event.clone()));
    }
    order.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    let mut out = Vec::new();
    for (_, id, event) in order {
        let source = read(function, &id, &event)?;
        let link = links.0.iter().find(|(own, _)| *own == id).map(|(_, link)| link).ok_or(Fault::Internal)?;
        let text = |name: &str| source.get(name).and_then(Val::text).cloned().ok_or(Fault::Internal);
        let method = text("Method")?;
        let event = Event {
            id,
            path: text("Path")?,
            method: method.like(method.to_lowercase()),
            api: &link.api,
            stage: &link.stage,
            function: made,
            alias,
            source,
            context,
        };
        let permission = event.permission()?;
        event.define(resources)?;
        // The permission itself belongs to the event, which stands in the function.
        out.push(permission);
    }
    Ok(out)
}

struct Event<'a> {
    id: Text,
    path: Text,
    method: Text,
    api: &'a Text,
    stage: &'a Val,
    function: &'a Made,
    alias: Option<&'a Made>,
    source: Source,
    context: &'a Context<'a>,
}

impl Event<'_> {
    fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::event(&self.id, message)
    }

    fn permission(&self) -> Out<Made> {
        let stage = self.stage.text().map_or("", Text::as_str);
        let plain = !stage.is_empty() && stage.chars().all(char::is_alphanumeric);
        let suffix = if plain { stage.to_owned() } else { crate::digest::of(self.stage) };
        let target = self.alias.unwrap_or(self.function);
        let mut passed = Dict::new();
        for name in ["Condition", "DeletionPolicy", "UpdateReplacePolicy"] {
            if let Some(val) = target.attributes.raw(name) {
                passed.insert(name, val);
            }
        }
        let mut permission = Made::new(self.source.id.plus("Permission").plus(suffix), &PERMISSION, passed)?;
        let path = without_last_slash(&self.path);
        let method = if self.method.as_str() == "any" { "*".to_owned() } else { self.method.to_uppercase() };
        let arn = format!(
            "arn:{}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{__ApiId__}}/${{__Stage__}}/{method}{}",
            self.context.partition,
            editor::wildcards(&path)
        );
        let api = self.source.get("RestApiId").unwrap_or(&Val::NULL);
        permission.set("Action", "lambda:InvokeFunction")?;
        permission.set("FunctionName", target.reference())?;
        permission.set("Principal", "apigateway.amazonaws.com")?;
        permission.set("SourceArn", intrinsic::sub_with(arn, Dict::of("__ApiId__", api).with("__Stage__", "*")))?;
        Ok(permission)
    }

    /// Writes the event into the API's definition.
    fn define(&self, resources: &mut Dict) -> Out<()> {
        let none = || self.fault("RestApiId property of Api event must reference a valid resource in the same template.");
        let api = resources.get_mut(self.api).and_then(|api| api.get_mut("Properties")).and_then(Val::dict_mut).ok_or_else(none)?;
        if api.truthy(MANAGED).is_some() || api.truthy("MergeDefinitions").is_some() {
            self.integrate(api)?;
        }
        let auth = self.source.truthy("Auth").filter(|auth| auth.get("OverrideApiAuth").is_some_and(Val::truthy));
        if let Some(auth) = auth.filter(|_| api.truthy("DefinitionBody").is_some()) {
            let part = |name: &str| auth.get(name).is_some_and(Val::truthy);
            if !part("Authorizer") && !part("ApiKeyRequired") && !part("ResourcePolicy") {
                let message = "Must define one of: Authorizer, ApiKeyRequired or ResourcePolicy when using the OverrideApiAuth property.";
                return Err(self.fault(message));
            }
            let mut editor = Editor::new(api.get("DefinitionBody"))?;
            self.authorize(auth, api, &mut editor)?;
            api.insert("DefinitionBody", editor.finish());
        }
        Ok(())
    }

    fn integrate(&self, api: &mut Dict) -> Out<()> {
        let Some(body) = api.get("DefinitionBody").cloned() else { return Ok(()) };
        let merge = api.truthy("MergeDefinitions").is_some();
        let body = if merge { editor::skeleton().into() } else { body };
        let mut editor = Editor::new(Some(&body))?;
        if editor.has_integration(&self.path, &self.method)? {
            let message = format!("API method \"{}\" defined multiple times for path \"{}\".", self.method, self.path);
            return Err(self.fault(message));
        }
        let nothing = Val::from(Dict::old());
        let auth = self.source.truthy("Auth").unwrap_or(&nothing);
        Type::Map.of_event(auth, &self.id, "Auth")?;
        let api_auth = api.truthy("Auth").unwrap_or(&nothing);
        let credentials = self.credentials(auth, expect::map(api_auth, self.api, "Auth")?);
        let condition = self.function.attributes.get("Condition").and_then(Val::text);
        editor.integrate(&self.path, &self.method, self.integration(condition, credentials), condition)?;
        if auth.truthy() {
            self.authorize(auth, api, &mut editor)?;
        }
        if let Some(time) = self.source.truthy("TimeoutInMillis") {
            editor.timeout(&self.path, &self.method, time)?;
        }
        self.model(api, &mut editor)?;
        if let Some(parameters) = self.source.truthy("RequestParameters") {
            let parameters = self.parameters(parameters)?;
            editor.request_parameters(&self.path, &self.method, &parameters)?;
        }
        if merge {
            self.merge(api, editor)
        } else {
            api.insert("DefinitionBody", editor.finish());
            Ok(())
        }
    }

    /// The integration with the function, or with its alias.
    fn integration(&self, condition: Option<&Text>, credentials: Option<Val>) -> Dict {
        let target = self.alias.map_or_else(|| format!("{}.Arn", self.function.id), |alias| alias.id.to_string());
        let stream = self.source.get("ResponseTransferMode").is_some_and(|mode| mode.is("RESPONSE_STREAM"));
        let (version, last) = if stream { ("2021-11-15", "response-streaming-invocations") } else { ("2015-03-31", "invocations") };
        let arn =
            format!("arn:{}:apigateway:${{AWS::Region}}:lambda:path/{version}/functions/${{{target}}}/{last}", self.context.partition);
        let given = self.alias.is_none() && self.function.id.given;
        let arn = if given { Text::given(arn) } else { Text::own(arn) };
        let uri: Val = Dict::old().with("Fn::Sub", arn).into();
        let uri = condition.map_or_else(|| uri.clone(), |condition| intrinsic::when(condition, uri.clone()));
        let mut integration = Dict::old().with("type", "aws_proxy").with("httpMethod", "POST").with("uri", uri);
        if stream {
            integration.insert("responseTransferMode", "STREAM");
        }
        if let Some(credentials) = credentials {
            integration.insert("credentials", credentials);
        }
        integration
    }

    /// `Models` and `RequestModel`.
    fn model(&self, api: &Dict, editor: &mut Editor) -> Out<()> {
        let Some(own) = self.source.truthy("RequestModel") else { return Ok(()) };
        Type::Map.of_event(own, &self.id, "RequestModel")?;
        let Some(model) = own.get("Model").filter(|model| model.truthy()) else { return Ok(()) };
        let model_text = print::str(model);
        let unable = |why: &str| {
            let (method, path) = (&self.method, &self.path);
            Err(self.fault(format!("Unable to set RequestModel [{model_text}] on API method [{method}] for path [{path}] because {why}")))
        };
        let Some(models) = api.truthy("Models") else { return unable("the related API does not define any Models.") };
        let Some(models) = models.dict() else { return unable("the related API Models defined is of invalid type.") };
        let Some(model) = model.text() else { return unable("the related API does not contain valid Models.") };
        if models.truthy(model).is_none() {
            return unable("it wasn't defined in the API's Models.");
        }
        editor.request_model(&self.path, &self.method, model, own.get("Required"))?;
        let (body, parameters) = (own.get("ValidateBody"), own.get("ValidateParameters"));
        if body.is_none() && parameters.is_none() {
            return Ok(());
        }
        if [body, parameters].into_iter().flatten().any(|val| !Type::Boolean.accepts(val)) {
            let (method, path) = (&self.method, &self.path);
            return Err(self.fault(format!(
                "Unable to set Validator to RequestModel [{model}] on API method [{method}] for path [{path}] ValidateBody and \
                 ValidateParameters must be a boolean type, strings or intrinsics are not supported."
            )));
        }
        let flag = |val: Option<&Val>| val.is_some_and(Val::is_true);
        editor.request_validator(&self.path, &self.method, flag(body), flag(parameters))
    }

    /// `RequestParameters`: texts, or maps of one text to `Required` and `Caching`.
    fn parameters(&self, parameters: &Val) -> Out<Vec<Parameter>> {
        let wrong = |why: &str| self.fault(format!("Invalid value for 'RequestParameters' property. {why}"));
        let valid = |name: &str| {
            let rest = name.strip_prefix("method.request.").unwrap_or("");
            ["querystring.", "path.", "header."].iter().any(|place| rest.starts_with(place))
        };
        let keys = "Keys must be in the format 'method.request.[querystring|path|header].{value}', e.g \
                    'method.request.header.Authorization'.";
        let values = "Values must be an object, e.g { Required: true, Caching: false }";
        let mut out = Vec::new();
        for parameter in parameters.list().ok_or(Fault::Internal)? {
            let (name, settings) = match (parameter.text(), parameter.dict()) {
                (Some(name), _) => (name.clone(), None),
                (_, Some(map)) => map.iter().next().map(|(name, settings)| (name.clone(), Some(settings))).ok_or(Fault::Internal)?,
                _ => return Err(wrong("Property must be either a string or an object")),
            };
            if !valid(&name) {
                return Err(wrong(keys));
            }
            let settings = settings.map(|settings| settings.dict().ok_or_else(|| wrong(values))).transpose()?;
            if settings.is_some_and(|settings| settings.keys().any(|key| !matches!(key.as_str(), "Required" | "Caching"))) {
                return Err(wrong(values));
            }
            let setting = |name: &str| settings.and_then(|settings| settings.raw(name)).cloned().unwrap_or_else(|| false.into());
            out.push(Parameter { required: setting("Required"), caching: setting("Caching"), name });
        }
        Ok(out)
    }

    /// `MergeDefinitions`: the method as it is written, with what the event adds.
    fn merge(&self, api: &mut Dict, editor: Editor) -> Out<()> {
        let wrong = |message: &str| Fault::resource(self.api, format!("Property 'DefinitionBody' is invalid: {message}"));
        let made = editor.finish();
        let made = made.get("paths").and_then(|paths| paths.get(&self.path)).and_then(|item| item.get(&editor::method_key(&self.method)));
        let made = made.and_then(Val::dict).cloned().ok_or(Fault::Internal)?;
        let mut body = api.get("DefinitionBody").and_then(Val::dict).map(Dict::copy).ok_or(Fault::Internal)?;
        if let Some(paths) = body.get_mut("paths").filter(|paths| paths.truthy()) {
            let paths = paths.dict_mut().ok_or_else(|| wrong("It should be a map"))?;
            let item = paths.raw(&self.path).filter(|item| !item.is_null());
            if item.is_some_and(|item| item.dict().is_none()) {
                return Err(wrong(&format!("The value of '{}' should be a map", self.path)));
            }
            let mut merged = Dict::new();
            if let Some(own) = item.and_then(|item| item.get(&self.method)).filter(|own| own.truthy()) {
                merged.update(expect::map(own, self.api, &format!("DefinitionBody.paths.{}.{}", self.path, self.method))?);
            }
            merged.update(&made);
            let item = paths.or_insert(self.path.clone(), || Dict::new().into()).and_then(Val::dict_mut).ok_or(Fault::Internal)?;
            item.insert(self.method.clone(), merged);
        }
        api.insert("DefinitionBody", body);
        Ok(())
    }
}

/// `/a/` as `/a`; one line break at the end does not count.
fn without_last_slash(path: &Text) -> Text {
    let line = path.strip_suffix('\n').unwrap_or(path);
    match line.strip_suffix('/') {
        Some(rest) if !rest.is_empty() && !rest.contains('\n') => path.like(format!("{rest}{}", path.get(line.len()..).unwrap_or(""))),
        _ => path.clone(),
    }
}
