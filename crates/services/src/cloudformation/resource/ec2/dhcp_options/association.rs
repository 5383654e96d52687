//! `AWS::EC2::VPCDHCPOptionsAssociation`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpcdhcpoptionsassociation.html>
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::ec2::id;
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_ec2};
use vpclab_cloud::{Cloud, Context, DhcpOptionsId, VpcId};

/// The type. Its physical id is `{options}|{VPC}`.
pub struct Association;

impl ResourceType for Association {
    fn served(&self) -> &'static [&'static str] {
        &["DhcpOptionsId", "VpcId"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let vpc: VpcId = id(&want.properties, "VpcId")?;
        let options = options(&want.properties)?;
        cloud.associate_dhcp_options(c, &vpc, options.as_ref()).map_err(by_ec2)?;
        Ok(Made::new(format!("{}|{vpc}", want.properties.required("DhcpOptionsId")?)))
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, _: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        let made = self.create(cloud, c, want)?;
        Ok(Made { renamed: true, ..made })
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let vpc: VpcId = id(&is.properties, "VpcId")?;
        let own = options(&is.properties)?;
        // A VPC that was given other options since keeps them.
        let has = cloud.vpcs.get(&vpc).is_some_and(|vpc| vpc.dhcp_options == own);
        if has { cloud.associate_dhcp_options(c, &vpc, None).map_err(by_ec2) } else { Ok(()) }
    }
}

/// `default` is the set that every VPC begins with: none of one's own.
fn options(properties: &Properties<'_>) -> Result<Option<DhcpOptionsId>, Failure> {
    if properties.required("DhcpOptionsId")? == "default" { Ok(None) } else { id(properties, "DhcpOptionsId").map(Some) }
}
