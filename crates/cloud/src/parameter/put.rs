//! `PutParameter`.
use super::{
    DEFAULT_KEY, DataType, MOST, Parameter, ParameterKind, ParameterRefusal, ParameterVersion, Tier, TierChoice, VERSIONS_MOST, check,
};
use crate::{Cloud, Context, Refusal, Tags};
use std::sync::Arc;

/// A parameter to make, or a new version of one.
#[derive(Clone, Debug)]
pub struct PutParameter {
    /// Its name.
    pub name: String,
    /// The value.
    pub value: String,
    /// What kind of value; needed for a new parameter, and that of an old one stays.
    pub kind: Option<ParameterKind>,
    /// Its description; without one that of the version before stays.
    pub description: Option<String>,
    /// What its value has to match; without one that of the version before stays.
    pub allowed_pattern: Option<String>,
    /// Its tier.
    pub tier: TierChoice,
    /// What the value is about; `None` is what it was, or text.
    pub data_type: Option<DataType>,
    /// The key of a secure string: there is one only.
    pub key: Option<String>,
    /// Whether a parameter that is there gets a new version.
    pub overwrite: bool,
    /// The tags of a new parameter.
    pub tags: Tags,
    /// The ARN of who puts it.
    pub user: String,
}

impl Cloud {
    /// `PutParameter`: the number of the new version and its tier.
    ///
    /// # Errors
    /// A name, a value or a tier that cannot be, or a parameter that is there and is not to be overwritten.
    pub fn put_parameter(&mut self, cx: &mut Context, input: PutParameter) -> Result<(u64, Tier), Refusal> {
        check::name(&input.name)?;
        check::description(input.description.as_deref())?;
        check::tags(&input.tags)?;
        let key = (cx.scope.clone(), input.name.clone());
        let before = match self.parameters.get(&key) {
            Some(_) if !input.overwrite => return Err(ParameterRefusal::Exists.into()),
            Some(parameter) => {
                let (_, number, version) = self.parameter_version(&cx.scope, &parameter.name, None)?;
                Some((number, Arc::clone(version)))
            }
            None if self.parameters_below(&cx.scope, "").count() >= MOST => return Err(ParameterRefusal::Limit.into()),
            None => None,
        };
        if input.overwrite && !input.tags.is_empty() {
            return Err(check::invalid(
                "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. \
                 To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
            ));
        }
        let version = next(before.as_ref().map(|(_, version)| version.as_ref()), &input, cx)?;
        let number = before.map_or(1, |(number, _)| number + 1);
        let tier = version.tier;
        match self.parameters.get_mut(&key) {
            Some(parameter) => Arc::make_mut(parameter).version = number,
            None => {
                let made = Parameter { scope: cx.scope.clone(), name: input.name.clone(), version: number, tags: input.tags };
                self.parameters.insert(key, Arc::new(made));
            }
        }
        self.parameter_versions.insert((cx.scope.clone(), input.name.clone(), number), Arc::new(version));
        if let Some(oldest) = number.checked_sub(VERSIONS_MOST) {
            self.parameter_versions.remove(&(cx.scope.clone(), input.name, oldest));
        }
        Ok((number, tier))
    }
}

/// The version that an input makes after the one before.
fn next(before: Option<&ParameterVersion>, input: &PutParameter, cx: &Context) -> Result<ParameterVersion, Refusal> {
    let kind = match (input.kind, before.map(|version| version.kind)) {
        (Some(kind), None) => kind,
        (Some(kind), Some(old)) if kind != old => return Err(ParameterRefusal::KindChanges.into()),
        (_, Some(old)) => old,
        (None, None) => return Err(check::invalid("A parameter type is required when you create a parameter.")),
    };
    if let Some(key) = &input.key {
        if kind != ParameterKind::SecureString {
            return Err(check::invalid("KeyId is required for SecureString type parameter only."));
        }
        if key != DEFAULT_KEY && !key.ends_with(&format!(":{DEFAULT_KEY}")) {
            return Err(ParameterRefusal::InvalidKey(format!("Invalid keyId {key}: vpclab has no KMS keys but {DEFAULT_KEY}")).into());
        }
    }
    let was = before.map(|version| version.tier);
    if was == Some(Tier::Advanced) && input.tier == TierChoice::Only(Tier::Standard) {
        return Err(check::invalid(
            "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the \
             standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter.",
        ));
    }
    let stays = |new: &Option<String>, old: Option<&Option<String>>| new.clone().or_else(|| old.cloned().flatten());
    let allowed_pattern = stays(&input.allowed_pattern, before.map(|version| &version.allowed_pattern));
    let data_type = input.data_type.or(before.map(|version| version.data_type)).unwrap_or(DataType::Text);
    let tier = check::tier(
        match input.tier {
            TierChoice::Only(tier) => Some(tier),
            TierChoice::AsIs => Some(was.unwrap_or(Tier::Standard)),
            TierChoice::Intelligent => was.filter(|tier| *tier == Tier::Advanced),
        },
        &input.value,
    )?;
    check::pattern(allowed_pattern.as_deref(), &input.value)?;
    check::data_type(data_type, &input.value)?;
    Ok(ParameterVersion {
        kind,
        value: input.value.clone(),
        description: stays(&input.description, before.map(|version| &version.description)),
        allowed_pattern,
        tier,
        data_type,
        modified: cx.now,
        user: input.user.clone(),
    })
}
