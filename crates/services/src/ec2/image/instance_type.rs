//! Instance types: names that clients send and look up. They set no limit in a lab.
use crate::ec2::errors::invalid_value;
use crate::ec2::filters::{Filters, page};
use crate::request::RequestContext;
use vpclab_cloud::Tags;
use vpclab_wire::{WireError, ec2};

/// A family of types: what its sizes have in common.
struct Family {
    name: &'static str,
    architecture: &'static str,
    burstable: bool,
    hypervisor: &'static str,
    current: bool,
    /// Size, virtual CPUs, memory in MiB, interfaces, IPv4 addresses an interface.
    sizes: &'static [(&'static str, i32, i64, i32, i32)],
}

const T3: &[(&str, i32, i64, i32, i32)] = &[
    ("nano", 2, 512, 2, 2),
    ("micro", 2, 1024, 2, 2),
    ("small", 2, 2048, 3, 4),
    ("medium", 2, 4096, 3, 6),
    ("large", 2, 8192, 3, 12),
    ("xlarge", 4, 16384, 4, 15),
    ("2xlarge", 8, 32768, 4, 15),
];
const GENERAL: &[(&str, i32, i64, i32, i32)] =
    &[("large", 2, 8192, 3, 10), ("xlarge", 4, 16384, 4, 15), ("2xlarge", 8, 32768, 4, 15), ("4xlarge", 16, 65536, 8, 30)];
const COMPUTE: &[(&str, i32, i64, i32, i32)] =
    &[("large", 2, 4096, 3, 10), ("xlarge", 4, 8192, 4, 15), ("2xlarge", 8, 16384, 4, 15), ("4xlarge", 16, 32768, 8, 30)];

/// Sizes from <https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-types.html>
const FAMILIES: &[Family] = &[
    Family {
        name: "t2",
        architecture: "x86_64",
        burstable: true,
        hypervisor: "xen",
        current: true,
        sizes: &[
            ("nano", 1, 512, 2, 2),
            ("micro", 1, 1024, 2, 2),
            ("small", 1, 2048, 3, 4),
            ("medium", 2, 4096, 3, 6),
            ("large", 2, 8192, 3, 12),
        ],
    },
    Family { name: "t3", architecture: "x86_64", burstable: true, hypervisor: "nitro", current: true, sizes: T3 },
    Family { name: "t3a", architecture: "x86_64", burstable: true, hypervisor: "nitro", current: true, sizes: T3 },
    Family { name: "t4g", architecture: "arm64", burstable: true, hypervisor: "nitro", current: true, sizes: T3 },
    Family { name: "m5", architecture: "x86_64", burstable: false, hypervisor: "nitro", current: true, sizes: GENERAL },
    Family { name: "m6i", architecture: "x86_64", burstable: false, hypervisor: "nitro", current: true, sizes: GENERAL },
    Family { name: "m6g", architecture: "arm64", burstable: false, hypervisor: "nitro", current: true, sizes: GENERAL },
    Family { name: "m7i", architecture: "x86_64", burstable: false, hypervisor: "nitro", current: true, sizes: GENERAL },
    Family { name: "m7g", architecture: "arm64", burstable: false, hypervisor: "nitro", current: true, sizes: GENERAL },
    Family { name: "c5", architecture: "x86_64", burstable: false, hypervisor: "nitro", current: true, sizes: COMPUTE },
    Family { name: "c6i", architecture: "x86_64", burstable: false, hypervisor: "nitro", current: true, sizes: COMPUTE },
    Family { name: "c7g", architecture: "arm64", burstable: false, hypervisor: "nitro", current: true, sizes: COMPUTE },
];

const FILTERS: &[&str] = &[
    "bare-metal",
    "burstable-performance-supported",
    "current-generation",
    "free-tier-eligible",
    "hypervisor",
    "instance-storage-supported",
    "instance-type",
    "memory-info.size-in-mib",
    "processor-info.supported-architecture",
    "supported-root-device-type",
    "supported-usage-class",
    "supported-virtualization-type",
    "vcpu-info.default-vcpus",
];

/// Whether an instance may have this type: one of the list, of whichever architecture, as a type is a name and no more.
#[must_use]
pub fn is_instance_type(name: &str) -> bool {
    all().any(|(family, size)| name.split_once('.') == Some((family.name, size.0)))
}

type Size = (&'static str, i32, i64, i32, i32);

fn all() -> impl Iterator<Item = (&'static Family, &'static Size)> {
    FAMILIES.iter().flat_map(|family| family.sizes.iter().map(move |size| (family, size)))
}

/// `DescribeInstanceTypes`.
pub async fn describe_instance_types(
    _: &RequestContext,
    req: ec2::DescribeInstanceTypesRequest,
) -> Result<ec2::DescribeInstanceTypesResult, WireError> {
    let filters = Filters::new(&req.filters, FILTERS)?;
    let unknown: Vec<&str> = req.instance_types.iter().map(String::as_str).filter(|name| !is_instance_type(name)).collect();
    if !unknown.is_empty() {
        return Err(WireError::new(
            400,
            "InvalidInstanceType",
            format!("The following supplied instance types do not exist: [{}]", unknown.join(", ")),
        ));
    }
    if req.instance_types.len() > 100 {
        return Err(invalid_value("At most 100 instance types may be asked for by name"));
    }
    let mut found = Vec::new();
    for (family, size) in all() {
        let name = format!("{}.{}", family.name, size.0);
        let asked = req.instance_types.is_empty() || req.instance_types.contains(&name);
        if asked && filters.pass(&Tags::new(), |filter| property(family, size, &name, filter)) {
            found.push(show(family, size, name));
        }
    }
    let key = |shown: &ec2::InstanceTypeInfo| shown.instance_type.clone().unwrap_or_default();
    let page = page(found, key, req.max_results, req.next_token.as_deref(), 5..=100)?;
    Ok(ec2::DescribeInstanceTypesResult { instance_types: page.items, next_token: page.next_token })
}

fn is_free_tier(name: &str) -> bool {
    matches!(name, "t2.micro" | "t3.micro")
}

fn show(family: &Family, &(_, cpus, memory, interfaces, addresses): &Size, name: String) -> ec2::InstanceTypeInfo {
    let threads = if family.architecture == "arm64" || cpus == 1 { 1 } else { 2 };
    ec2::InstanceTypeInfo {
        current_generation: Some(family.current),
        free_tier_eligible: Some(is_free_tier(&name)),
        supported_usage_classes: vec!["on-demand".into()],
        supported_root_device_types: vec!["ebs".into()],
        supported_virtualization_types: vec!["hvm".into()],
        bare_metal: Some(false),
        hypervisor: Some(family.hypervisor.into()),
        processor_info: Some(ec2::ProcessorInfo { supported_architectures: vec![family.architecture.into()], ..Default::default() }),
        v_cpu_info: Some(ec2::VCpuInfo {
            default_v_cpus: Some(cpus),
            default_cores: Some(cpus / threads),
            default_threads_per_core: Some(threads),
            ..Default::default()
        }),
        memory_info: Some(ec2::MemoryInfo { size_in_mi_b: Some(memory) }),
        instance_storage_supported: Some(false),
        network_info: Some(ec2::NetworkInfo {
            maximum_network_interfaces: Some(interfaces),
            ipv4_addresses_per_interface: Some(addresses),
            ipv6_supported: Some(false),
            ..Default::default()
        }),
        hibernation_supported: Some(false),
        burstable_performance_supported: Some(family.burstable),
        dedicated_hosts_supported: Some(false),
        auto_recovery_supported: Some(false),
        instance_type: Some(name),
    }
}

fn property(family: &Family, &(_, cpus, memory, ..): &Size, name: &str, filter: &str) -> Vec<String> {
    match filter {
        "bare-metal" | "instance-storage-supported" => vec!["false".into()],
        "burstable-performance-supported" => vec![family.burstable.to_string()],
        "current-generation" => vec![family.current.to_string()],
        "free-tier-eligible" => vec![is_free_tier(name).to_string()],
        "hypervisor" => vec![family.hypervisor.into()],
        "instance-type" => vec![name.into()],
        "memory-info.size-in-mib" => vec![memory.to_string()],
        "processor-info.supported-architecture" => vec![family.architecture.into()],
        "supported-root-device-type" => vec!["ebs".into()],
        "supported-usage-class" => vec!["on-demand".into()],
        "supported-virtualization-type" => vec!["hvm".into()],
        "vcpu-info.default-vcpus" => vec![cpus.to_string()],
        _ => Vec::new(),
    }
}
