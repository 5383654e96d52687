//! Filters of lists of parameters.
//! Source: <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html>
use vpclab_cloud::Tags;
use vpclab_cloud::parameter::{ParameterKind, ParameterVersion};
use vpclab_wire::{WireError, ssm as wire};

/// What a list's filters see of a parameter.
pub(super) struct Seen<'a> {
    pub(super) name: &'a str,
    pub(super) tags: &'a Tags,
    pub(super) version: &'a ParameterVersion,
}

/// Filters that were checked; all have to pass.
pub(super) struct Filters(Vec<Filter>);

struct Filter {
    of: Of,
    how: How,
    values: Vec<String>,
}

enum Of {
    Name,
    Kind,
    Key,
    Path,
    Label,
    Tier,
    DataType,
    Tag(String),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Equals,
    BeginsWith,
    Contains,
    OneLevel,
    Recursive,
}

impl Filters {
    /// The filters of a list that takes these keys.
    pub(super) fn new(list: Vec<wire::ParameterStringFilter>, keys: &[&str]) -> Result<Self, WireError> {
        list.into_iter().map(|filter| read(filter, keys)).collect::<Result<_, _>>().map(Self)
    }

    /// The older form: names begin so, other values are equal.
    pub(super) fn old(list: Vec<wire::ParametersFilter>) -> Result<Self, WireError> {
        let newer = |filter: wire::ParametersFilter| {
            let option = if filter.key == "Name" { "BeginsWith" } else { "Equals" };
            wire::ParameterStringFilter { key: filter.key, option: Some(option.to_owned()), values: filter.values }
        };
        Self::new(list.into_iter().map(newer).collect(), &["Name", "Type", "KeyId"])
    }

    pub(super) fn pass(&self, seen: &Seen<'_>) -> bool {
        self.0.iter().all(|filter| filter.passes(seen))
    }
}

fn read(filter: wire::ParameterStringFilter, keys: &[&str]) -> Result<Filter, WireError> {
    let wire::ParameterStringFilter { key, option, values } = filter;
    let known = keys.contains(&key.as_str()) || (keys.contains(&"tag:") && key.starts_with("tag:"));
    let of = match key.as_str() {
        "Name" if known => Of::Name,
        "Type" if known => Of::Kind,
        "KeyId" if known => Of::Key,
        "Path" if known => Of::Path,
        "Label" if known => Of::Label,
        "Tier" if known => Of::Tier,
        "DataType" if known => Of::DataType,
        _ => match key.strip_prefix("tag:").filter(|_| known) {
            Some(tag) => Of::Tag(tag.to_owned()),
            None => {
                let text = format!("The following filter key is not valid: {key}. Valid filter keys include: [{}].", keys.join(", "));
                return Err(WireError::new(400, "InvalidFilterKey", text));
            }
        },
    };
    let legal: &[(&str, How)] = match of {
        Of::Path => &[("OneLevel", How::OneLevel), ("Recursive", How::Recursive)],
        Of::Name => &[("Equals", How::Equals), ("BeginsWith", How::BeginsWith), ("Contains", How::Contains)],
        Of::Kind | Of::Label | Of::Tier | Of::DataType => &[("Equals", How::Equals)],
        Of::Key | Of::Tag(_) => &[("Equals", How::Equals), ("BeginsWith", How::BeginsWith)],
    };
    let how = match &option {
        None => legal.first().map(|(_, how)| *how),
        Some(option) => legal.iter().find(|(name, _)| name == option).map(|(_, how)| *how),
    };
    let Some(how) = how else {
        let names: Vec<&str> = legal.iter().map(|(name, _)| *name).collect();
        let text = format!(
            "The following filter option is not valid: {}. Valid options include: [{}].",
            option.unwrap_or_default(),
            names.join(", ")
        );
        return Err(WireError::new(400, "InvalidFilterOption", text));
    };
    let bad = match of {
        Of::Kind => values.iter().find(|value| ParameterKind::ALL.iter().all(|kind| kind.as_str() != value.as_str())),
        Of::Path => values.iter().find(|value| !value.starts_with('/')),
        _ => None,
    };
    if let Some(bad) = bad {
        return Err(WireError::new(400, "InvalidFilterValue", format!("The following filter value is not valid: {bad}.")));
    }
    if values.is_empty() && !matches!(of, Of::Tag(_)) {
        return Err(WireError::new(
            400,
            "InvalidFilterValue",
            "The following filter values are missing : null for filter key ".to_owned() + &key,
        ));
    }
    Ok(Filter { of, how, values })
}

impl Filter {
    fn passes(&self, seen: &Seen<'_>) -> bool {
        let key = (seen.version.kind == ParameterKind::SecureString).then_some(vpclab_cloud::parameter::DEFAULT_KEY);
        let value = match &self.of {
            Of::Name => Some(seen.name),
            Of::Kind => Some(seen.version.kind.as_str()),
            Of::Key => key,
            Of::Path => return self.values.iter().any(|path| is_below(seen.name, path, self.how == How::Recursive)),
            Of::Label => None,
            Of::Tier => Some(seen.version.tier.as_str()),
            Of::DataType => Some(seen.version.data_type.as_str()),
            Of::Tag(tag) => match seen.tags.get(tag) {
                Some(_) if self.values.is_empty() => return true,
                found => found.map(String::as_str),
            },
        };
        value.is_some_and(|value| self.values.iter().any(|wanted| self.meets(value, wanted)))
    }

    fn meets(&self, value: &str, wanted: &str) -> bool {
        match self.how {
            // A name of levels is found with and without the `/` before it.
            How::Equals => value == wanted || (matches!(self.of, Of::Name) && value.strip_prefix('/') == Some(wanted)),
            How::BeginsWith => {
                value.starts_with(wanted) || (matches!(self.of, Of::Name) && value.trim_start_matches('/').starts_with(wanted))
            }
            How::Contains => value.contains(wanted),
            How::OneLevel | How::Recursive => false,
        }
    }
}

/// Whether a name stands below a path: directly, or at any depth. Names without levels stand below `/`.
pub(super) fn is_below(name: &str, path: &str, recursive: bool) -> bool {
    let path = path.trim_end_matches('/');
    let rest = match name.strip_prefix(path).and_then(|rest| rest.strip_prefix('/')) {
        Some(rest) => rest,
        None if path.is_empty() => name,
        None => return false,
    };
    recursive || !rest.contains('/')
}
