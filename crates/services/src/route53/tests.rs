//! Route 53 asked as clients send it: the status and the code of each refusal.
use crate::ec2::lab::Lab;
use http::Method;

/// A caller of Route 53.
struct Zones(Lab);

impl Zones {
    async fn new() -> (Self, String) {
        let lab = Lab::new().await;
        let vpc = lab.vpc("10.0.0.0/16").await;
        (Self(lab), vpc)
    }
    async fn send(&self, method: Method, path: &str, body: &str) -> (u16, String) {
        self.0.rest("route53", method, &format!("/2013-04-01/{path}"), body).await
    }
    async fn create(&self, name: &str, reference: &str, vpc: &str) -> (u16, String) {
        let vpc = match vpc {
            "" => String::new(),
            vpc => format!("<VPC><VPCRegion>ap-northeast-2</VPCRegion><VPCId>{vpc}</VPCId></VPC>"),
        };
        let body = format!(
            "<CreateHostedZoneRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><Name>{name}</Name>{vpc}\
             <CallerReference>{reference}</CallerReference></CreateHostedZoneRequest>"
        );
        self.send(Method::POST, "hostedzone", &body).await
    }
    /// A private zone's id.
    async fn zone(&self, name: &str, vpc: &str) -> String {
        let (status, body) = self.create(name, name, vpc).await;
        assert_eq!(status, 201, "{body}");
        text(&body, "Id").trim_start_matches("/hostedzone/").to_owned()
    }
    async fn change(&self, zone: &str, sets: &str) -> (u16, String) {
        let body = format!(
            "<ChangeResourceRecordSetsRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><ChangeBatch><Changes>{sets}\
             </Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"
        );
        self.send(Method::POST, &format!("hostedzone/{zone}/rrset/"), &body).await
    }
}

fn text(body: &str, element: &str) -> String {
    let start = body.split_once(&format!("<{element}>")).unwrap_or_else(|| panic!("no {element} in {body}")).1;
    start.split_once("</").unwrap().0.to_owned()
}

/// The status and the code of a refusal.
fn code((status, body): &(u16, String)) -> (u16, String) {
    (*status, text(body, "Code"))
}

fn set(action: &str, name: &str, kind: &str, content: &str) -> String {
    format!(
        "<Change><Action>{action}</Action><ResourceRecordSet><Name>{name}</Name><Type>{kind}</Type>{content}</ResourceRecordSet></Change>"
    )
}

fn values(text: &str) -> String {
    format!("<TTL>60</TTL><ResourceRecords><ResourceRecord><Value>{text}</Value></ResourceRecord></ResourceRecords>")
}

#[tokio::test]
async fn each_refusal_has_its_code_and_status() {
    let (zones, vpc) = Zones::new().await;
    let zone = zones.zone("example.com", &vpc).await;
    let refused = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(code(&zones.create("example.com", "2", &vpc).await), refused(400, "ConflictingDomainExists"));
    assert_eq!(code(&zones.create("b.com", "example.com", "").await), refused(409, "HostedZoneAlreadyExists"));
    assert_eq!(code(&zones.create("a..com", "3", "").await), refused(400, "InvalidDomainName"));
    assert_eq!(code(&zones.create("b.com", "3", "vpc-00000000").await), refused(400, "InvalidVPCId"));
    assert_eq!(code(&zones.create("b.com", "", "").await), refused(400, "InvalidInput"));
    assert_eq!(code(&zones.send(Method::GET, "hostedzone/Z404", "").await), refused(404, "NoSuchHostedZone"));
    assert_eq!(code(&zones.send(Method::GET, "hostedzone/nonsense", "").await), refused(404, "NoSuchHostedZone"));
    assert_eq!(code(&zones.send(Method::GET, "change/C1", "").await), refused(404, "NoSuchChange"));
    assert_eq!(code(&zones.send(Method::GET, "hostedzone?maxitems=0", "").await), refused(400, "InvalidInput"));
    assert_eq!(code(&zones.send(Method::GET, "tags/healthcheck/x", "").await), refused(404, "NoSuchHealthCheck"));
    let other = Zones(zones.0.of("222222222222", "us-east-1"));
    assert_eq!(code(&other.send(Method::DELETE, &format!("hostedzone/{zone}"), "").await), refused(404, "NoSuchHostedZone"));
    let associate = format!(
        "<AssociateVPCWithHostedZoneRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><VPC><VPCRegion>ap-northeast-2\
         </VPCRegion><VPCId>{vpc}</VPCId></VPC></AssociateVPCWithHostedZoneRequest>"
    );
    let path = format!("hostedzone/{zone}/associatevpc");
    assert_eq!(code(&other.send(Method::POST, &path, &associate).await), refused(401, "NotAuthorizedException"));
    let associate = associate.replace("AssociateVPCWith", "DisassociateVPCFrom");
    let path = format!("hostedzone/{zone}/disassociatevpc");
    assert_eq!(code(&zones.send(Method::POST, &path, &associate).await), refused(400, "LastVPCAssociation"));
}

#[tokio::test]
async fn a_batch_is_refused_with_everything_that_is_wrong() {
    let (zones, vpc) = Zones::new().await;
    let zone = zones.zone("example.com", &vpc).await;
    let a = set("CREATE", "a.example.com", "A", &values("10.0.0.1"));
    let (status, body) = zones.change(&zone, &a).await;
    assert_eq!((status, text(&body, "Status").as_str()), (200, "PENDING"));
    let (status, seen) = zones.send(Method::GET, text(&body, "Id").trim_start_matches('/'), "").await;
    assert_eq!((status, text(&seen, "Status").as_str()), (200, "INSYNC"));
    let wrong = [set("CREATE", "b.example.com", "A", &values("ten")), set("CREATE", "c.example.com", "TXT", &values("bare"))].concat();
    let refused = zones.change(&zone, &wrong).await;
    assert_eq!(code(&refused), (400, "InvalidChangeBatch".into()));
    let message = text(&refused.1, "Message").replace("&apos;", "'");
    assert!(message.starts_with("[Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address"), "{message}");
    assert!(message.contains("InvalidCharacterString (Value should be enclosed in quotation marks)"), "{message}");
    let invalid = (400, "InvalidInput".to_owned());
    for content in [
        "",
        "<TTL>60</TTL>",
        &format!(
            "{}<AliasTarget><HostedZoneId>Z1</HostedZoneId><DNSName>a.com</DNSName><EvaluateTargetHealth>false</EvaluateTargetHealth></AliasTarget>",
            values("10.0.0.1")
        ),
    ] {
        assert_eq!(code(&zones.change(&zone, &set("CREATE", "d.example.com", "A", content)).await), invalid, "{content}");
    }
    let weighted = format!("<SetIdentifier>x</SetIdentifier><Weight>1</Weight>{}", values("10.0.0.1"));
    let refused = zones.change(&zone, &set("CREATE", "d.example.com", "A", &weighted)).await;
    assert!(refused.0 == 400 && refused.1.contains("SetIdentifier"), "{refused:?}");
    let naptr = zones.change(&zone, &set("CREATE", "d.example.com", "NAPTR", &values("x"))).await;
    assert!(naptr.0 == 400 && naptr.1.contains("NAPTR"), "{naptr:?}");
    assert_eq!(code(&zones.send(Method::DELETE, &format!("hostedzone/{zone}"), "").await), (400, "HostedZoneNotEmpty".into()));
    let delete = set("DELETE", "a.example.com", "A", &values("10.0.0.1"));
    assert_eq!(zones.change(&zone, &delete).await.0, 200);
    assert_eq!(zones.send(Method::DELETE, &format!("hostedzone/{zone}"), "").await.0, 200);
}

#[tokio::test]
async fn a_list_goes_on_where_the_page_before_ended() {
    let (zones, vpc) = Zones::new().await;
    let zone = zones.zone("example.com", &vpc).await;
    let sets: String = (0..5).map(|n| set("CREATE", &format!("n{n}.example.com"), "A", &values("10.0.0.1"))).collect();
    assert_eq!(zones.change(&zone, &sets).await.0, 200);
    let (mut query, mut seen) = ("maxitems=2".to_owned(), Vec::new());
    loop {
        let (status, body) = zones.send(Method::GET, &format!("hostedzone/{zone}/rrset?{query}"), "").await;
        assert_eq!(status, 200, "{body}");
        seen.extend(body.split("<ResourceRecordSet><Name>").skip(1).map(|part| part.split_once('<').unwrap().0.to_owned()));
        if text(&body, "IsTruncated") != "true" {
            break;
        }
        query = format!("maxitems=2&name={}&type={}", text(&body, "NextRecordName"), text(&body, "NextRecordType"));
    }
    let expected = ["", "", "n0.", "n1.", "n2.", "n3.", "n4."].map(|label| format!("{label}example.com."));
    assert_eq!(seen, expected);
}
