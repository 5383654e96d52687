//! The calls that an import makes: exactly these, all of which only read.
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A service of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// `sts`
    Sts,
    /// `ec2`
    Ec2,
    /// `apigateway`
    ApiGateway,
    /// `lambda`
    Lambda,
    /// `route53`
    Route53,
    /// `route53resolver`
    Route53Resolver,
}

/// For what a call is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Per {
    /// Once an account.
    Account,
    /// Once a region.
    Region,
    /// Each VPC.
    Vpc,
    /// Each REST API.
    Api,
    /// Each stage of each API.
    Stage,
    /// Each function.
    Function,
    /// Each published version and each alias of each function.
    Qualifier,
    /// Each hosted zone.
    Zone,
}

/// What a member of a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument {
    /// Always this text.
    Text(&'static str),
    /// Always the list of this text.
    List(&'static str),
    /// Always this one entry of a map.
    Entry(&'static str, &'static str),
    /// The id or the name of what the call is made for; of a stage, its API's.
    Subject,
    /// The stage's name.
    Stage,
    /// The stage's deployment.
    Deployment,
    /// The number of the version, or the name of the alias.
    Qualifier,
}

/// A call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its service.
    pub service: Service,
    /// Its operation, such as `DescribeVpcs`.
    pub operation: &'static str,
    /// For what it is made.
    pub per: Per,
    /// The members of its request.
    pub arguments: &'static [(&'static str, Argument)],
    /// Members of a request that go on where the members of the answer before ended.
    pub pages: &'static [(&'static str, &'static str)],
    /// The member that says how many items a page may have, and a number that every server takes.
    pub limit: Option<(&'static str, u32)>,
    /// Errors that say that there is nothing to read.
    pub absent: &'static [&'static str],
}

/// What a call is made for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// Its id or name; of a stage, its API's; of a version or an alias, its function's.
    pub id: String,
    /// The stage.
    pub stage: String,
    /// The stage's deployment.
    pub deployment: String,
    /// The version or the alias.
    pub qualifier: String,
}

const TOKEN: &[(&str, &str)] = &[("NextToken", "NextToken")];
const POSITION: &[(&str, &str)] = &[("position", "position")];
const LIMIT: Option<(&str, u32)> = Some(("limit", 500));
const MARKER: &[(&str, &str)] = &[("Marker", "NextMarker")];

const fn call(service: Service, operation: &'static str, per: Per, arguments: &'static [(&'static str, Argument)]) -> Call {
    Call { service, operation, per, arguments, pages: &[], limit: None, absent: &[] }
}

const fn region(operation: &'static str) -> Call {
    Call { pages: TOKEN, limit: Some(("MaxResults", 100)), ..call(Service::Ec2, operation, Per::Region, &[]) }
}

const fn of_api(operation: &'static str, arguments: &'static [(&'static str, Argument)]) -> Call {
    call(Service::ApiGateway, operation, Per::Api, arguments)
}

/// A list of what an API has, page by page.
const fn list_of_api(operation: &'static str) -> Call {
    Call { pages: POSITION, limit: LIMIT, ..of_api(operation, &[("restApiId", Argument::Subject)]) }
}

/// A list of Route 53 Resolver; servers without it say so in these words.
const fn resolver(operation: &'static str) -> Call {
    Call {
        pages: TOKEN,
        limit: Some(("MaxResults", 100)),
        absent: &["UnknownOperationException"],
        ..call(Service::Route53Resolver, operation, Per::Region, &[])
    }
}

/// All of them, those first that others are made for.
pub const CALLS: &[Call] = &[
    call(Service::Sts, "GetCallerIdentity", Per::Account, &[]),
    region("DescribeVpcs"),
    call(
        Service::Ec2,
        "DescribeVpcAttribute",
        Per::Vpc,
        &[("VpcId", Argument::Subject), ("Attribute", Argument::Text("enableDnsSupport"))],
    ),
    call(
        Service::Ec2,
        "DescribeVpcAttribute",
        Per::Vpc,
        &[("VpcId", Argument::Subject), ("Attribute", Argument::Text("enableDnsHostnames"))],
    ),
    region("DescribeSubnets"),
    region("DescribeRouteTables"),
    region("DescribeNetworkAcls"),
    region("DescribeSecurityGroups"),
    region("DescribeSecurityGroupRules"),
    region("DescribeNetworkInterfaces"),
    region("DescribeInstances"),
    region("DescribeVpcEndpoints"),
    region("DescribeVpcPeeringConnections"),
    region("DescribeDhcpOptions"),
    region("DescribeInternetGateways"),
    region("DescribeNatGateways"),
    Call { pages: &[], limit: None, ..region("DescribeAddresses") },
    resolver("ListResolverRules"),
    resolver("ListResolverRuleAssociations"),
    Call { pages: POSITION, limit: LIMIT, ..call(Service::ApiGateway, "GetRestApis", Per::Region, &[]) },
    Call {
        pages: POSITION,
        limit: LIMIT,
        // Servers without custom domain names say so in these words.
        absent: &["BadRequestException", "NotImplemented"],
        ..call(Service::ApiGateway, "GetDomainNames", Per::Region, &[])
    },
    Call {
        pages: POSITION,
        limit: LIMIT,
        ..of_api("GetResources", &[("restApiId", Argument::Subject), ("embed", Argument::List("methods"))])
    },
    list_of_api("GetDeployments"),
    list_of_api("GetRequestValidators"),
    list_of_api("GetModels"),
    list_of_api("GetGatewayResponses"),
    of_api("GetStages", &[("restApiId", Argument::Subject)]),
    call(
        Service::ApiGateway,
        "GetDeployment",
        Per::Stage,
        &[("restApiId", Argument::Subject), ("deploymentId", Argument::Deployment), ("embed", Argument::List("apisummary"))],
    ),
    Call {
        // Without the export the policy is taken as it stands, and that is noted: servers without exports say so in these words.
        absent: &["BadRequestException", "NotFoundException", "NotImplemented"],
        ..call(
            Service::ApiGateway,
            "GetExport",
            Per::Stage,
            &[
                ("restApiId", Argument::Subject),
                ("stageName", Argument::Stage),
                ("exportType", Argument::Text("oas30")),
                ("parameters", Argument::Entry("extensions", "apigateway")),
                ("accepts", Argument::Text("application/json")),
            ],
        )
    },
    Call { pages: MARKER, ..call(Service::Lambda, "ListFunctions", Per::Region, &[]) },
    Call {
        absent: &["ResourceNotFoundException"],
        ..call(Service::Lambda, "GetPolicy", Per::Function, &[("FunctionName", Argument::Subject)])
    },
    Call { pages: MARKER, ..call(Service::Lambda, "ListVersionsByFunction", Per::Function, &[("FunctionName", Argument::Subject)]) },
    Call { pages: MARKER, ..call(Service::Lambda, "ListAliases", Per::Function, &[("FunctionName", Argument::Subject)]) },
    Call {
        absent: &["ResourceNotFoundException"],
        ..call(Service::Lambda, "GetPolicy", Per::Qualifier, &[("FunctionName", Argument::Subject), ("Qualifier", Argument::Qualifier)])
    },
    Call { pages: MARKER, ..call(Service::Route53, "ListHostedZones", Per::Account, &[]) },
    call(Service::Route53, "GetHostedZone", Per::Zone, &[("Id", Argument::Subject)]),
    Call {
        pages: &[
            ("StartRecordName", "NextRecordName"),
            ("StartRecordType", "NextRecordType"),
            ("StartRecordIdentifier", "NextRecordIdentifier"),
        ],
        ..call(Service::Route53, "ListResourceRecordSets", Per::Zone, &[("HostedZoneId", Argument::Subject)])
    },
];

impl Service {
    /// Its name, on the command line and as host names begin.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sts => "sts",
            Self::Ec2 => "ec2",
            Self::ApiGateway => "apigateway",
            Self::Lambda => "lambda",
            Self::Route53 => "route53",
            Self::Route53Resolver => "route53resolver",
        }
    }
}

impl Call {
    /// The action that a caller needs. API Gateway has one for all that reads.
    #[must_use]
    pub fn action(&self) -> String {
        match self.service {
            Service::ApiGateway => "apigateway:GET".to_owned(),
            Service::Sts | Service::Ec2 | Service::Lambda | Service::Route53 | Service::Route53Resolver => {
                format!("{}:{}", self.service.name(), self.operation)
            }
        }
    }

    /// The paths of API Gateway that it reads.
    /// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html>
    fn paths(&self) -> Vec<String> {
        let root = "arn:aws:apigateway:*::";
        match self.operation {
            "GetDomainNames" => vec![format!("{root}/domainnames")],
            _ => vec![format!("{root}/restapis"), format!("{root}/restapis/*")],
        }
    }

    /// The members of the request, for what it is made for.
    #[must_use]
    pub fn request(&self, subject: &Subject) -> Vec<(&'static str, Value)> {
        let value = |argument: &Argument| match argument {
            Argument::Text(text) => json!(text),
            Argument::List(text) => json!([text]),
            Argument::Entry(key, value) => json!({ *key: value }),
            Argument::Subject => json!(subject.id),
            Argument::Stage => json!(subject.stage),
            Argument::Deployment => json!(subject.deployment),
            Argument::Qualifier => json!(subject.qualifier),
        };
        self.arguments.iter().map(|(member, argument)| (*member, value(argument))).collect()
    }

    /// Where its answer is saved, below the directory of its account and region: `ec2/describe-vpcs.json`.
    #[must_use]
    pub fn file(&self, subject: &Subject, page: usize) -> String {
        let mut name = format!("{}/{}", self.service.name(), kebab(self.operation));
        let fixed = self.arguments.iter().filter_map(|(member, argument)| match argument {
            Argument::Text(text) if *member == "Attribute" => Some(*text),
            _ => None,
        });
        for part in fixed.chain([subject.id.as_str(), subject.stage.as_str(), subject.qualifier.as_str()]).filter(|part| !part.is_empty()) {
            name.push('.');
            name.push_str(part);
        }
        if page > 0 {
            name.push_str(&format!(".page-{}", page + 1));
        }
        name + ".json"
    }
}

/// `DescribeVpcs` -> `describe-vpcs`, as the AWS CLI names operations and options.
#[must_use]
pub fn kebab(name: &str) -> String {
    let mut text = String::new();
    for (at, c) in name.char_indices() {
        if c.is_ascii_uppercase() && at > 0 {
            text.push('-');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}

/// The least policy with which an import works.
#[must_use]
pub fn policy() -> Value {
    let (mut others, mut of_apis) = (BTreeSet::new(), (BTreeSet::new(), BTreeSet::new()));
    for call in CALLS {
        if call.service == Service::ApiGateway {
            of_apis.0.insert(call.action());
            of_apis.1.extend(call.paths());
        } else {
            others.insert(call.action());
        }
    }
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "VpclabImport", "Effect": "Allow", "Action": others, "Resource": "*"},
            {"Sid": "VpclabImportApis", "Effect": "Allow", "Action": of_apis.0, "Resource": of_apis.1},
        ],
    })
}
