//! `Domain`: a custom domain name and its mappings to the API.
use super::Api;
use crate::{
    context::Context,
    digest,
    expect::{self, Type},
    fault::Out,
    intrinsic,
    made::{ACCESS_ASSOCIATION, BASE_PATH_MAPPING, BASE_PATH_MAPPING_V2, DOMAIN_NAME, DOMAIN_NAME_V2, Made, Shape},
    print,
    text::Text,
    value::{Dict, Val},
};

const KINDS: [&str; 3] = ["EDGE", "REGIONAL", "PRIVATE"];

/// What a domain makes.
#[derive(Default)]
pub(super) struct Domain {
    pub(super) name: Option<Made>,
    pub(super) mappings: Vec<Made>,
    pub(super) record_sets: Option<Made>,
    pub(super) association: Option<Made>,
}

impl Api {
    fn domain_config(&self) -> Out<Option<Dict>> {
        let Some(config) = self.source.get("Domain") else { return Ok(None) };
        expect::map(config, &self.source.id, "Domain").map(|config| Some(config.clone()))
    }

    /// A public name.
    pub(super) fn domain(&mut self, rest_api: &Made, context: &mut Context) -> Out<Domain> {
        let Some(mut config) = self.domain_config()? else { return Ok(Domain::default()) };
        let mut name = self.begin(&config, "ApiGatewayDomainName", &DOMAIN_NAME)?;
        let certificate = expect::required(config.get("CertificateArn"), &self.source.id, "Domain.CertificateArn")?.clone();
        config.insert("ApiDomainName", name.id.as_str());
        if config.get("EndpointConfiguration").is_none() {
            config.insert("EndpointConfiguration", "REGIONAL");
        }
        let kind = self.kind(&config)?;
        name.set(if kind.is("REGIONAL") { "RegionalCertificateArn" } else { "CertificateArn" }, certificate)?;
        self.endpoint_types(&mut name, &config, &kind)?;
        self.mutual_tls(&mut name, &config)?;
        optional(&mut name, &config)?;
        // The deployment's digest has what was written into the domain so far and will be.
        if let Some(route) = config.get_mut("Route53").and_then(Val::dict_mut)
            && kind.is("EDGE")
            && route.get("DistributionDomainName").is_none()
        {
            route.insert("DistributionDomainName", intrinsic::get_att(&name.id, "DistributionDomainName"));
        }
        self.source.properties.insert("Domain", config.clone());
        let mappings = self.mappings(&config, &name, rest_api, &BASE_PATH_MAPPING)?;
        let record_sets = self.record_sets(&config, &name.id.clone().into(), context)?;
        Ok(Domain { name: Some(name), mappings, record_sets, association: None })
    }

    /// A private name, which endpoints are given access to.
    pub(super) fn private_domain(&mut self, rest_api: &Made, context: &mut Context) -> Out<Domain> {
        let Some(config) = self.domain_config()? else { return Ok(Domain::default()) };
        let mut name = self.begin(&config, "ApiGatewayDomainNameV2", &DOMAIN_NAME_V2)?;
        name.set("CertificateArn", expect::required(config.get("CertificateArn"), &self.source.id, "Domain.CertificateArn")?)?;
        let kind = self.kind(&config)?;
        self.endpoint_types(&mut name, &config, &kind)?;
        optional(&mut name, &config)?;
        let mappings = self.mappings(&config, &name, rest_api, &BASE_PATH_MAPPING_V2)?;
        let association = config.get("AccessAssociation").map(|own| self.association(own, &name)).transpose()?;
        let domain_name = config.get("DomainName").cloned().unwrap_or(Val::NULL);
        let record_sets = self.record_sets(&config, &domain_name, context)?;
        Ok(Domain { name: Some(name), mappings, record_sets, association })
    }

    fn begin(&self, config: &Dict, prefix: &str, shape: &'static Shape) -> Out<Made> {
        let name = expect::required(config.get("DomainName"), &self.source.id, "Domain.DomainName")?;
        expect::required(config.get("CertificateArn"), &self.source.id, "Domain.CertificateArn")?;
        let mut made = Made::new(Text::own(format!("{prefix}{}", digest::of(name))), shape, self.source.passed())?;
        made.set("DomainName", name)?;
        Ok(made)
    }

    fn kind(&self, config: &Dict) -> Out<Val> {
        let kind = config.get("EndpointConfiguration").filter(|kind| KINDS.iter().any(|known| kind.is(known)));
        let wrong = || self.source.fault(format!("EndpointConfiguration for Custom Domains must be one of {}.", print::names(&KINDS)));
        kind.cloned().ok_or_else(wrong)
    }

    fn endpoint_types(&self, made: &mut Made, config: &Dict, kind: &Val) -> Out<()> {
        let mut types = Dict::of("Types", vec![kind.clone()]);
        if let Some(addresses) = config.truthy("IpAddressType") {
            types.insert("IpAddressType", addresses);
        }
        made.set("EndpointConfiguration", types)
    }

    fn mutual_tls(&self, made: &mut Made, config: &Dict) -> Out<()> {
        const PARTS: [&str; 2] = ["TruststoreUri", "TruststoreVersion"];
        let Some(own) = config.truthy("MutualTlsAuthentication") else { return Ok(()) };
        let own = expect::map(own, &self.source.id, "Domain.MutualTlsAuthentication")?;
        if own.keys().any(|key| !PARTS.contains(&key.as_str())) {
            let message = format!("Available Domain.MutualTlsAuthentication fields are {}.", print::names(&PARTS));
            return Err(self.source.fault(message));
        }
        let mut out = Dict::new();
        for name in PARTS {
            if let Some(val) = own.truthy(name) {
                out.insert(name, val);
            }
        }
        made.set("MutualTlsAuthentication", out)
    }

    /// One mapping for each base path, or one of the whole name.
    fn mappings(&self, config: &Dict, name: &Made, rest_api: &Made, shape: &'static Shape) -> Out<Vec<Made>> {
        let id = &self.source.id;
        let mapping = |id: Text, path: Option<Val>| -> Out<Made> {
            let mut made = Made::new(id, shape, self.source.passed())?;
            let target = if shape.kind == BASE_PATH_MAPPING.kind { "DomainName" } else { "DomainNameArn" };
            made.set(target, name.reference())?;
            made.set("RestApiId", rest_api.reference())?;
            made.set("Stage", intrinsic::reference(&rest_api.id.plus(".Stage")))?;
            made.put("BasePath", path.as_ref())?;
            Ok(made)
        };
        let paths = match config.truthy("BasePath") {
            Some(path) if path.text().is_some() => vec![path.clone()],
            Some(paths) if paths.list().is_some() => paths.list().unwrap_or(&[]).to_vec(),
            _ => return Ok(vec![mapping(id.plus("BasePathMapping"), None)?]),
        };
        let normalize = config.raw("NormalizeBasePath").is_none_or(Val::truthy);
        for (index, path) in paths.iter().enumerate() {
            Type::String.of(path, id, &format!("Domain.BasePath[{index}]"))?;
        }
        let one = |path: &Val| {
            let plain: String = path.text().map_or("", Text::as_str).chars().filter(|c| c.is_alphanumeric()).collect();
            let written = if normalize { plain.as_str().into() } else { path.clone() };
            mapping(id.plus(&plain).plus("BasePathMapping"), Some(written))
        };
        paths.iter().map(one).collect()
    }

    fn association(&self, own: &Val, name: &Made) -> Out<Made> {
        let own = expect::map(own, &self.source.id, "Domain.AccessAssociation")?;
        let endpoint = own.raw("VpcEndpointId").cloned().unwrap_or(Val::NULL);
        let suffix = digest::of(&vec![endpoint.clone(), Val::from(&name.id)].into());
        let id = Text::own(format!("DomainNameAccessAssociation{suffix}"));
        let mut made = Made::new(id, &ACCESS_ASSOCIATION, self.source.passed())?;
        made.set("DomainNameArn", name.reference())?;
        made.set("AccessAssociationSourceType", "VPCE")?;
        made.set("AccessAssociationSource", endpoint)?;
        Ok(made)
    }
}

fn optional(made: &mut Made, config: &Dict) -> Out<()> {
    ["SecurityPolicy", "EndpointAccessMode", "Policy", "OwnershipVerificationCertificateArn"]
        .into_iter()
        .try_for_each(|name| made.put(name, config.truthy(name)))
}
