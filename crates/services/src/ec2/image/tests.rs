use super::{architecture, id_of};
use crate::ec2::lab::Lab;

#[tokio::test]
async fn one_image_that_says_what_it_is() {
    let lab = Lab::new().await;
    let seen = lab.ask("DescribeImages", &[("Owner.1", "amazon")]).await;
    assert_eq!(seen.all("name"), ["vpclab/machine"]);
    assert_eq!(seen.one("description"), "the programs of this machine in a copy-on-write layer");
    assert_eq!(seen.one("architecture"), architecture());
    assert_eq!(seen.one("imageId"), id_of(&"ap-northeast-2".parse().unwrap()).to_string());
    assert!(lab.ask("DescribeImages", &[("Owner.1", "self")]).await.all("imageId").is_empty());
    let other = lab.of("111111111111", "us-west-2").ask("DescribeImages", &[]).await;
    assert_ne!(other.one("imageId"), seen.one("imageId"), "an image is one region's");
    let form = [("ImageId.1", other.one("imageId"))].map(|(name, id)| (name, id));
    let form: Vec<(&str, &str)> = form.iter().map(|(name, id)| (*name, id.as_str())).collect();
    assert_eq!(lab.refused("DescribeImages", &form).await.0, "InvalidAMIID.NotFound");
    let none = lab.ask("DescribeImages", &[("Filter.1.Name", "name"), ("Filter.1.Value.1", "al2023-*")]).await;
    assert!(none.all("imageId").is_empty());
}

#[tokio::test]
async fn instance_types() {
    let lab = Lab::new().await;
    let seen = lab.ask("DescribeInstanceTypes", &[("InstanceType.1", "t3.micro")]).await;
    assert_eq!((seen.one("sizeInMiB"), seen.one("defaultVCpus")), ("1024".into(), "2".into()));
    let refused = lab.refused("DescribeInstanceTypes", &[("InstanceType.1", "t9.huge")]).await;
    assert_eq!(refused, ("InvalidInstanceType".into(), "The following supplied instance types do not exist: [t9.huge]".into()));
}
