//! What a document says of the API as a whole.
use super::read::{self, Object};
use super::{Family, ImportError, Imported, Importer, extension};
use serde_json::Value;
use std::collections::BTreeMap;
use vpclab_cloud::VpcEndpointId;
use vpclab_cloud::gateway_response::{GatewayResponse, GatewayResponseType};

impl Importer<'_> {
    pub(super) fn settings(&mut self) -> Result<Imported, ImportError> {
        let info = read::object(read::member(self.root, "", "info")?, "info")?;
        let mut imported = Imported {
            name: read::text(read::member(info, "info", "title")?, "info.title")?,
            description: read::optional_text(info, "info", "description")?.filter(|text| !text.is_empty()),
            version: read::optional_text(info, "info", "version")?.filter(|text| !text.is_empty()),
            ..Imported::default()
        };
        extension::refuse_within(&Value::Object(info.clone()), "info")?;
        for (name, value) in self.root {
            self.root_extension(name, value, &mut imported)?;
        }
        self.servers(&mut imported)?;
        self.tags(&mut imported)?;
        self.components()?;
        Ok(imported)
    }

    fn root_extension(&mut self, name: &str, value: &Value, imported: &mut Imported) -> Result<(), ImportError> {
        match name {
            extension::POLICY => {
                read::object(value, name)?;
                imported.policy = Some(value.clone());
            }
            extension::BINARY_MEDIA_TYPES => imported.binary_media_types = Some(read::texts(value, name)?),
            extension::GATEWAY_RESPONSES => imported.gateway_responses = Some(gateway_responses(value, name)?),
            // Read with the operations that they are for.
            extension::REQUEST_VALIDATORS | extension::REQUEST_VALIDATOR => {}
            extension::API_KEY_SOURCE => {
                let source = read::text(value, name)?;
                if source != "HEADER" {
                    return Err(not_served(&format!("{name}: {source}"), "the document"));
                }
            }
            // It is off when it says nothing.
            extension::MINIMUM_COMPRESSION_SIZE if value.is_null() => {}
            extension::ENDPOINT_CONFIGURATION => match self.family {
                Family::Swagger2 => endpoint_configuration(value, name, imported)?,
                Family::OpenApi3 => {
                    return Err(ImportError::Illegal {
                        place: name.to_owned(),
                        why: "in an OpenAPI 3 document it stands in an entry of `servers`".to_owned(),
                    });
                }
            },
            extension::DOCUMENTATION if self.options.ignore_documentation => {}
            other => extension::refuse_aws(other, "", &[])?,
        }
        Ok(())
    }

    fn servers(&mut self, imported: &mut Imported) -> Result<(), ImportError> {
        let (Family::OpenApi3, Some(servers)) = (self.family, self.root.get("servers")) else {
            return Ok(());
        };
        for (index, server) in read::array(servers, "servers")?.iter().enumerate() {
            let place = format!("servers.{index}");
            for (name, value) in read::object(server, &place)? {
                if name == extension::ENDPOINT_CONFIGURATION {
                    endpoint_configuration(value, &read::under(&place, name), imported)?;
                } else {
                    extension::refuse_aws(name, &place, &[])?;
                }
            }
        }
        Ok(())
    }

    /// Tags of the document tag the API when they have a value.
    fn tags(&mut self, imported: &mut Imported) -> Result<(), ImportError> {
        let Some(tags) = self.root.get("tags") else { return Ok(()) };
        for (index, tag) in read::array(tags, "tags")?.iter().enumerate() {
            let place = format!("tags.{index}");
            let tag = read::object(tag, &place)?;
            for name in tag.keys() {
                extension::refuse_aws(name, &place, &[extension::TAG_VALUE])?;
            }
            if let Some(value) = read::optional_text(tag, &place, extension::TAG_VALUE)? {
                let name = read::text(read::member(tag, &place, "name")?, &place)?;
                imported.tags.insert(name, value);
            }
        }
        Ok(())
    }

    /// The parts that are read only where something refers to them may not hide what would be acted on.
    fn components(&mut self) -> Result<(), ImportError> {
        let places: &[&str] = match self.family {
            Family::Swagger2 => &["definitions", "parameters", "responses"],
            Family::OpenApi3 => &["components"],
        };
        for place in places {
            let Some(part) = self.root.get(*place) else { continue };
            for (name, value) in read::object(part, place)? {
                // Integrations are read by those who refer to them, security schemes by `security`.
                if name != extension::INTEGRATIONS && name != "securitySchemes" {
                    extension::refuse_aws(name, place, &[])?;
                    extension::refuse_within(value, &read::under(place, name))?;
                }
            }
        }
        self.check_security_schemes()
    }
}

/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-gateway-responses.html>
fn gateway_responses(value: &Value, place: &str) -> Result<BTreeMap<GatewayResponseType, GatewayResponse>, ImportError> {
    let mut responses = BTreeMap::new();
    for (name, value) in read::object(value, place)? {
        let here = read::under(place, name);
        let illegal = |why: String| ImportError::Illegal { place: here.clone(), why };
        let kind = GatewayResponseType::parse(name).ok_or_else(|| illegal("there is no gateway response of this type".to_owned()))?;
        let given = read::object(value, &here)?;
        if let Some(other) = given.keys().find(|name| !["statusCode", "responseParameters", "responseTemplates"].contains(&name.as_str())) {
            return Err(not_served(other, &here));
        }
        let status = read::optional_text(given, &here, "statusCode")?;
        let status = status.map(|text| text.parse().map_err(|_| illegal(format!("`{text}` is no status code")))).transpose()?;
        let parameters = read::text_map(given, &here, "responseParameters")?;
        let templates = read::text_map(given, &here, "responseTemplates")?;
        let response = GatewayResponse { status, parameters, templates };
        response.check().map_err(|why| illegal(why.to_string()))?;
        responses.insert(kind, response);
    }
    Ok(responses)
}

fn endpoint_configuration(value: &Value, place: &str, imported: &mut Imported) -> Result<(), ImportError> {
    for (name, value) in read::object(value, place)? {
        let here = read::under(place, name);
        match name.as_str() {
            "vpcEndpointIds" => imported.vpc_endpoint_ids = Some(endpoint_ids(value, &here)?),
            "disableExecuteApiEndpoint" => imported.disable_execute_api_endpoint = Some(read::truth(value, &here)?),
            other => return Err(not_served(other, place)),
        }
    }
    Ok(())
}

fn endpoint_ids(value: &Value, place: &str) -> Result<Vec<VpcEndpointId>, ImportError> {
    let parse = |text: String| {
        text.parse().map_err(|_| ImportError::Illegal { place: place.to_owned(), why: format!("`{text}` is no id of a VPC endpoint") })
    };
    read::texts(value, place)?.into_iter().map(parse).collect()
}

pub(super) fn not_served(what: &str, place: &str) -> ImportError {
    ImportError::NotServed { what: what.to_owned(), place: place.to_owned() }
}

impl<'a> Importer<'a> {
    /// What a value says, or what it refers to (`$ref: '#/…'`) in the end.
    pub(super) fn resolve<'v>(&self, value: &'v Value, place: &str) -> Result<&'v Value, ImportError>
    where
        'a: 'v,
    {
        let mut value = value;
        for _ in 0..REFERENCES_MAX {
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else { return Ok(value) };
            value = self.target(reference).ok_or_else(|| broken(reference, place))?;
        }
        Err(broken(value.get("$ref").and_then(Value::as_str).unwrap_or_default(), place))
    }

    pub(super) fn target(&self, reference: &str) -> Option<&'a Value> {
        let mut parts = reference.strip_prefix("#/")?.split('/').map(|part| part.replace("~1", "/").replace("~0", "~"));
        let first = self.root.get(&parts.next()?)?;
        parts.try_fold(first, |value, part| match value {
            Value::Array(items) => items.get(part.parse::<usize>().ok()?),
            other => other.get(&part),
        })
    }

    pub(super) fn resolve_object<'v>(&self, value: &'v Value, place: &str) -> Result<&'v Object, ImportError>
    where
        'a: 'v,
    {
        read::object(self.resolve(value, place)?, place)
    }
}

/// The longest chain of references.
const REFERENCES_MAX: usize = 32;

pub(super) fn broken(reference: &str, place: &str) -> ImportError {
    ImportError::Reference { reference: reference.to_owned(), place: place.to_owned() }
}
