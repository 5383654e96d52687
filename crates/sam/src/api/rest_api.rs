//! The REST API itself.
use super::Api;
use crate::{
    editor::{self, Editor},
    fault::Out,
    location,
    made::{Made, REST_API},
    value::{Dict, Val},
};

impl Api {
    pub(super) fn rest_api(&mut self) -> Out<Made> {
        self.check()?;
        let mut api = Made::new(self.source.id.clone(), &REST_API, self.source.attributes.clone())?;
        api.depends_on = self.source.depends_on.clone();
        api.put("BinaryMediaTypes", self.source.get("BinaryMediaTypes"))?;
        api.put("MinimumCompressionSize", self.source.get("MinimumCompressionSize"))?;
        if let Some(configuration) = self.source.truthy("EndpointConfiguration") {
            self.endpoint(&mut api, configuration)?;
        } else if !self.has_edge() {
            self.endpoint(&mut api, &"REGIONAL".into())?;
        }
        self.add_cors()?;
        self.add_auth()?;
        self.add_gateway_responses()?;
        self.add_binary_media_types()?;
        self.add_models()?;
        if let Some(val) = self.source.get("DisableExecuteApiEndpoint").cloned() {
            if self.source.truthy("DefinitionBody").is_none() {
                return Err(self.source.fault("DisableExecuteApiEndpoint works only within 'DefinitionBody' property."));
            }
            let mut editor = Editor::new(self.source.get("DefinitionBody"))?;
            editor.disable_execute_api_endpoint(&val)?;
            self.source.properties.insert("DefinitionBody", editor.finish());
        }
        if let Some(uri) = self.source.truthy("DefinitionUri") {
            api.set("BodyS3Location", self.body_location(uri)?)?;
        } else if self.source.truthy("DefinitionBody").is_some() {
            self.as_version_3()?;
            api.put("Body", self.source.get("DefinitionBody"))?;
        }
        for name in ["FailOnWarnings", "Name", "Description", "Mode", "ApiKeySourceType", "Policy", "SecurityPolicy", "EndpointAccessMode"]
        {
            api.put(name, self.source.truthy(name))?;
        }
        Ok(api)
    }

    fn check(&self) -> Out<()> {
        let uri = self.source.truthy("DefinitionUri").is_some();
        if uri && self.source.truthy("DefinitionBody").is_some() {
            return Err(self.source.fault("Specify either 'DefinitionUri' or 'DefinitionBody' property and not both."));
        }
        if uri && self.source.truthy("MergeDefinitions").is_some() {
            return Err(self.source.fault("Cannot set 'MergeDefinitions' to True when using `DefinitionUri`."));
        }
        if self.source.truthy("OpenApiVersion").is_some_and(|version| !editor::is_version(version, &['2', '3'])) {
            return Err(self.source.fault("The OpenApiVersion value must be of the format '3.0.0'."));
        }
        Ok(())
    }

    /// Whether the partition has APIs with an edge.
    fn has_edge(&self) -> bool {
        !self.partition.starts_with("aws-iso") && !matches!(self.partition, "aws-us-gov" | "aws-cn" | "aws-eusc")
    }

    /// `PRIVATE`, or a map of `Type`, `VPCEndpointIds` and `IpAddressType`.
    fn endpoint(&self, api: &mut Made, configuration: &Val) -> Out<()> {
        let map = configuration.dict().filter(|map| map.truthy("Type").is_some());
        let kind = map.and_then(|map| map.get("Type")).unwrap_or(configuration);
        let mut out = Dict::of("Types", vec![kind.clone()]);
        if let Some(map) = map {
            if map.contains("VPCEndpointIds") && map.contains("VpcEndpointIds") {
                let message = "'VPCEndpointIds' and 'VpcEndpointIds' cannot be used together in EndpointConfiguration.";
                return Err(self.source.fault(message));
            }
            for name in ["VPCEndpointIds", "VpcEndpointIds"] {
                if let Some(ids) = map.raw(name) {
                    // What counts as false is looked for under the other name.
                    let ids = if ids.truthy() || name == "VpcEndpointIds" { ids } else { &Val::NULL };
                    out.insert("VpcEndpointIds", ids);
                }
            }
            if let Some(kind) = map.raw("IpAddressType") {
                out.insert("IpAddressType", kind);
            }
        }
        api.set("EndpointConfiguration", out)?;
        api.set("Parameters", Dict::of("endpointConfigurationTypes", kind))
    }

    /// `DefinitionUri`.
    fn body_location(&self, uri: &Val) -> Out<Dict> {
        let mut out = Dict::old();
        if let Some(map) = uri.dict() {
            let (Some(bucket), Some(key)) = (map.truthy("Bucket"), map.truthy("Key")) else {
                return Err(self.source.fault("'DefinitionUri' requires Bucket and Key properties to be specified."));
            };
            out = out.with("Bucket", bucket).with("Key", key);
            if let Some(version) = map.raw("Version") {
                out.insert("Version", version);
            }
            return Ok(out);
        }
        let wrong = "'DefinitionUri' is not a valid S3 Uri of the form 's3://bucket/key' with optional versionId query parameter.";
        let text = uri.text().ok_or_else(|| self.source.fault(wrong))?;
        let location = location::parse(text).ok_or_else(|| self.source.fault(wrong))?;
        out = out.with("Bucket", text.like(location.bucket)).with("Key", text.like(location.key));
        if let Some(version) = location.version {
            out.insert("Version", text.like(version));
        }
        Ok(out)
    }
}
