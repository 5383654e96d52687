//! Every cause of a failed call: a closed list with a stable code each, and a page in `docs/causes/`.

macro_rules! causes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $title:literal;)*) => {
        /// Why a step lets the call not pass.
        ///
        /// The codes of the network layers are those of AWS's Reachability Analyzer where the meaning is the same:
        /// <https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html>. The others are vpclab's own.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Cause { $($(#[$doc])* $name,)* }

        impl Cause {
            /// Every cause.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
            /// Its stable code, such as `ENI_SG_RULES_MISMATCH`.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
            /// It in a few words.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }
    };
}

causes! {
    // The client.
    /// The instance, function or interface does not exist.
    SourceNotFound = "SOURCE_NOT_FOUND", "the client does not exist";
    /// The function is in no VPC: it has no network.
    FunctionWithoutVpc = "FUNCTION_WITHOUT_VPC", "the function is in no VPC";
    // The names.
    /// `enableDnsSupport` is off: the resolver is silent.
    DnsSupportOff = "DNS_SUPPORT_OFF", "the VPC's resolver is off";
    /// `enableDnsHostnames` is off, so that the endpoint's private names do not work.
    DnsHostnamesOff = "DNS_HOSTNAMES_OFF", "DNS host names are off in the VPC";
    /// The endpoint has private DNS off.
    PrivateDnsOff = "PRIVATE_DNS_OFF", "private DNS is off at the endpoint";
    /// The VPC has no endpoint, so that no private zone answers.
    NoEndpointInVpc = "NO_ENDPOINT_IN_VPC", "the VPC has no endpoint for API Gateway";
    /// The private name of an API whose zone only a peered VPC has.
    PrivateNameOverPeering = "PRIVATE_NAME_OVER_PEERING", "private names are not seen over a peering";
    /// The private name is of another region than the VPC's.
    PrivateNameOfOtherRegion = "PRIVATE_NAME_OF_OTHER_REGION", "the private name is of another region";
    /// The API does not list the endpoint, so that the alias is not published.
    EndpointNotAssociated = "ENDPOINT_NOT_ASSOCIATED", "the API is not associated with the endpoint";
    /// The API lists the endpoint, but no deployment that is served does.
    AssociationNotDeployed = "ASSOCIATION_NOT_DEPLOYED", "the association is not deployed";
    /// A customer's hosted zone answers and lacks the name.
    HostedZoneHidesName = "HOSTED_ZONE_HIDES_NAME", "a hosted zone hides the name";
    /// The name is of an API that is reached over the internet, which this client cannot.
    PublicApiName = "PUBLIC_API_NAME", "the API is public, and the client has no internet";
    /// CNAME records lead in a circle.
    CnameLoop = "CNAME_LOOP", "CNAME records lead in a circle";
    /// Nobody has the name.
    NameNotFound = "NAME_NOT_FOUND", "the name does not exist";
    /// The name exists, without an address.
    NameWithoutAddress = "NAME_WITHOUT_ADDRESS", "the name has no address";
    // The network.
    /// A component is not in a state in which it works: a stopped instance, a peering connection that is not active.
    BadState = "BAD_STATE", "the component is not in a functional state";
    /// A route's target is gone, or is none that takes the packet.
    BadStateRoute = "BAD_STATE_ROUTE", "the route is a black hole";
    /// No route of the table leads to the destination.
    NoRouteToDestination = "NO_ROUTE_TO_DESTINATION", "no route leads to the destination";
    /// No rule of the interface's security groups lets the packet pass.
    EniSgRulesMismatch = "ENI_SG_RULES_MISMATCH", "no security group rule lets it pass";
    /// The network ACL denies the packet.
    SubnetAclRestriction = "SUBNET_ACL_RESTRICTION", "the network ACL denies it";
    /// The route leads to an interface that drops packets for other addresses.
    EniSourceDestCheckRestriction = "ENI_SOURCE_DEST_CHECK_RESTRICTION", "the source/destination check drops it";
    /// A peering connection carries only packets between the two VPCs' own addresses.
    PcxRequiresAddressInVpcCidr = "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR", "the peering carries the two VPCs' own addresses only";
    /// No interface that takes packets has the address.
    NoSuchAddress = "NO_SUCH_ADDRESS", "nothing has the address";
    /// An endpoint takes TCP port 443 only.
    EndpointPortNotServed = "ENDPOINT_PORT_NOT_SERVED", "an endpoint serves HTTPS on port 443 only";
    // TLS.
    /// The name is not on the endpoint's certificate.
    TlsNameMismatch = "TLS_NAME_MISMATCH", "the certificate does not carry the name";
    /// HTTP in the clear, to a port that speaks TLS.
    TlsExpected = "TLS_EXPECTED", "the port speaks TLS";
    // The request.
    /// The URL or the headers are longer than API Gateway takes.
    RequestTooLarge = "REQUEST_TOO_LARGE", "the URL or the headers are too long";
    /// Neither `Host` nor `x-apigw-api-id` names an API.
    ApiNotNamed = "API_NOT_NAMED", "the request names no API";
    /// `Host` names an API of another region than the endpoint's.
    ApiInOtherRegion = "API_IN_OTHER_REGION", "the request names an API of another region";
    /// There is no such API in the endpoint's region.
    ApiNotFound = "API_NOT_FOUND", "the API does not exist";
    /// The API is not private.
    ApiNotPrivate = "API_NOT_PRIVATE", "the API is not private";
    /// `disableExecuteApiEndpoint`
    DefaultEndpointDisabled = "DEFAULT_ENDPOINT_DISABLED", "the API's default endpoint is disabled";
    /// The path has no stage, or names one that the API does not have.
    StageNotFound = "STAGE_NOT_FOUND", "the stage does not exist";
    /// The stage's deployment lacks the resource, or the method, although the API has it.
    MethodNotDeployed = "METHOD_NOT_DEPLOYED", "the method is not deployed";
    /// No resource has the path.
    ResourceNotFound = "RESOURCE_NOT_FOUND", "no resource has the path";
    /// The resource has no such method.
    MethodNotFound = "METHOD_NOT_FOUND", "the resource has no such method";
    /// Parameters are missing that the method's request validator asks for.
    RequiredParametersMissing = "REQUIRED_PARAMETERS_MISSING", "required parameters are missing";
    // The policies.
    /// The endpoint policy denies.
    EndpointPolicyDeny = "ENDPOINT_POLICY_DENY", "the endpoint policy denies it";
    /// No statement of the endpoint policy allows.
    EndpointPolicySilent = "ENDPOINT_POLICY_SILENT", "no statement of the endpoint policy allows it";
    /// The resource policy denies.
    ResourcePolicyDeny = "RESOURCE_POLICY_DENY", "the resource policy denies it";
    /// No statement of the resource policy allows.
    ResourcePolicySilent = "RESOURCE_POLICY_SILENT", "no statement of the resource policy allows it";
    /// The deployment has no resource policy, without which a private API lets nobody in.
    ResourcePolicyMissing = "RESOURCE_POLICY_MISSING", "the private API has no resource policy";
    /// The policy as it stands now would allow, but it is not deployed.
    PolicyNotDeployed = "POLICY_NOT_DEPLOYED", "the policy was changed and not deployed";
    /// A stored policy cannot be read.
    PolicyUnreadable = "POLICY_UNREADABLE", "the policy cannot be read";
    /// The method asks for a signature.
    SignatureMissing = "SIGNATURE_MISSING", "the method asks for a signature";
    /// The request is signed, and the signature is refused: another secret, an unknown key, a session that has ended, another region, a clock.
    SignatureRefused = "SIGNATURE_REFUSED", "the signature is refused";
    /// The identity's own policies do not allow the call.
    IdentityPolicyRefuses = "IDENTITY_POLICY_REFUSES", "the caller's own policies do not allow it";
    // The integration.
    /// The method has no integration that answers.
    IntegrationMissing = "INTEGRATION_MISSING", "the method has no integration that answers";
    /// A mock has no template for the request's content type that gives it a status, or no response.
    MockGivesNoAnswer = "MOCK_GIVES_NO_ANSWER", "nothing tells the mock what to answer";
    /// The function does not exist.
    FunctionNotFound = "FUNCTION_NOT_FOUND", "the function does not exist";
    /// The function's policy does not let API Gateway invoke it.
    FunctionPermissionMissing = "FUNCTION_PERMISSION_MISSING", "API Gateway may not invoke the function";
    /// Reserved concurrency of 0 throttles every call.
    FunctionThrottled = "FUNCTION_THROTTLED", "the function takes no calls";
    /// The stage's limits let no request of the method pass.
    Throttled = "THROTTLED", "the stage's limits let no request pass";
    /// vpclab does not do this, though AWS does.
    NotBuilt = "NOT_BUILT", "vpclab does not serve this";
}

impl Cause {
    /// The page about it, from the root of the repository.
    #[must_use]
    pub fn page(self) -> String {
        format!("docs/causes/{}.md", self.code())
    }
}

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_well_formed() {
        let mut codes: Vec<&str> = Cause::ALL.iter().map(|cause| cause.code()).collect();
        assert!(codes.iter().all(|code| code.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')));
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Cause::ALL.len());
    }
}
