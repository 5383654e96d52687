//! The environment and the files in which the AWS CLI keeps profiles.
//! Source: <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html>
use std::{collections::BTreeMap, path::PathBuf};

/// The environment variables that matter, by name.
#[derive(Clone, Debug, Default)]
pub struct Environment(BTreeMap<String, String>);

/// The settings of a profile.
pub(crate) type Profile = BTreeMap<String, String>;

impl Environment {
    /// The variables of this process.
    #[must_use]
    pub fn of_process() -> Self {
        Self(std::env::vars().filter(|(name, _)| name.starts_with("AWS_") || name == "HOME").collect())
    }

    /// Variables as given.
    #[must_use]
    pub fn of<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// A variable that is set and not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The name of the profile that is asked for by name.
    pub(crate) fn profile_name<'a>(&'a self, asked: Option<&'a str>) -> Option<&'a str> {
        asked.or_else(|| self.get("AWS_PROFILE")).or_else(|| self.get("AWS_DEFAULT_PROFILE"))
    }

    /// The profile of a name: what the credentials file says comes before what the configuration says.
    pub(crate) fn profile(&self, name: &str) -> Option<Profile> {
        let config = self.file("AWS_CONFIG_FILE", "config").and_then(|text| section(&text, name, true));
        let credentials = self.file("AWS_SHARED_CREDENTIALS_FILE", "credentials").and_then(|text| section(&text, name, false));
        if config.is_none() && credentials.is_none() {
            return None;
        }
        let mut profile = config.unwrap_or_default();
        profile.extend(credentials.unwrap_or_default());
        Some(profile)
    }

    /// The region of the environment, or of the profile.
    #[must_use]
    pub fn region(&self, asked_profile: Option<&str>) -> Option<String> {
        let named = self.get("AWS_REGION").or_else(|| self.get("AWS_DEFAULT_REGION")).map(str::to_owned);
        named.or_else(|| self.profile(self.profile_name(asked_profile).unwrap_or("default"))?.remove("region"))
    }

    fn file(&self, variable: &str, name: &str) -> Option<String> {
        let path = match self.get(variable) {
            Some(path) => PathBuf::from(path),
            None => PathBuf::from(self.get("HOME")?).join(".aws").join(name),
        };
        std::fs::read_to_string(path).ok()
    }
}

/// A section of an INI file; in the configuration all but `default` begin with `profile`.
fn section(text: &str, name: &str, is_config: bool) -> Option<Profile> {
    let mut found: Option<Profile> = None;
    let mut inside = false;
    for line in text.lines() {
        // Lines that are indented belong to a setting with settings of its own, such as `s3`.
        if line.starts_with([' ', '\t', '#', ';']) || line.trim().is_empty() {
            continue;
        }
        if let Some(title) = line.trim().strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(title, _)| title.trim()) {
            let title = if is_config && title != "default" { title.strip_prefix("profile").map_or("", str::trim) } else { title };
            inside = title.trim_matches('"') == name;
            if inside {
                found.get_or_insert_default();
            }
        } else if inside && let Some((key, value)) = line.split_once('=') {
            found.get_or_insert_default().insert(key.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_found_by_their_names() {
        let text = "[default]\nregion = eu-west-1\n# no\n[profile  dev]\nREGION=us-west-2\ns3 =\n  addressing_style = path\n[services x]\nregion = no\n";
        let dev = section(text, "dev", true).unwrap();
        assert_eq!(dev.get("region").map(String::as_str), Some("us-west-2"));
        assert_eq!(dev.get("addressing_style"), None);
        assert_eq!(section(text, "default", true).unwrap()["region"], "eu-west-1");
        assert_eq!(section(text, "x", true), None);
        assert_eq!(section("[dev]\naws_access_key_id=A=B\n", "dev", false).unwrap()["aws_access_key_id"], "A=B");
    }
}
