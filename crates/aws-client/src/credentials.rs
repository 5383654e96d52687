//! Whose keys sign: the environment's, a profile's, or what a profile's `credential_process` prints.
//! Source: <https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html>
use crate::profile::{Environment, Profile};
use serde::Deserialize;
use std::{
    io::Read as _,
    process::{Command, Stdio},
};
use vpclab_wire::sigv4::SigningKeys;

/// The most bytes that a `credential_process` may print.
const MAX_PRINTED: u64 = 64 * 1024;
/// Settings of a profile that lead to keys in ways that are not built.
const NOT_BUILT: [&str; 6] = ["role_arn", "sso_session", "sso_account_id", "sso_start_url", "web_identity_token_file", "login_session"];

/// Where keys come from.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub(crate) keys: SigningKeys,
}

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// Nowhere.
    #[error("there are no AWS credentials")]
    None,
    /// No such profile.
    #[error("there is no profile `{0}`")]
    NoProfile(String),
    /// A profile without keys.
    #[error("the profile `{0}` has no keys")]
    NoKeys(String),
    /// A profile that asks for what is not built.
    #[error("the profile `{profile}` has `{setting}`, which vpclab does not read")]
    NotBuilt {
        /// The profile.
        profile: String,
        /// The setting.
        setting: &'static str,
    },
    /// The process failed.
    #[error("`credential_process` of the profile `{profile}` failed: {why}")]
    Process {
        /// The profile.
        profile: String,
        /// How.
        why: String,
    },
}

impl Credentials {
    /// Finds keys as the AWS CLI does: a profile that is asked for, the environment, the profile that the environment names, the default one.
    ///
    /// # Errors
    /// When there are none, or they come in a way that is not built.
    pub fn find(environment: &Environment, profile: Option<&str>) -> Result<Self, CredentialsError> {
        if profile.is_none()
            && let (Some(access_key), Some(secret_key)) = (environment.get("AWS_ACCESS_KEY_ID"), environment.get("AWS_SECRET_ACCESS_KEY"))
        {
            let session_token = environment.get("AWS_SESSION_TOKEN").map(str::to_owned);
            return Ok(Self { keys: SigningKeys { access_key: access_key.to_owned(), secret_key: secret_key.to_owned(), session_token } });
        }
        match environment.profile_name(profile) {
            Some(name) => {
                let found = environment.profile(name).ok_or_else(|| CredentialsError::NoProfile(name.to_owned()))?;
                of_profile(name, &found)
            }
            None => of_profile("default", &environment.profile("default").ok_or(CredentialsError::None)?),
        }
    }
}

fn of_profile(name: &str, profile: &Profile) -> Result<Credentials, CredentialsError> {
    if let Some(setting) = NOT_BUILT.into_iter().find(|setting| profile.contains_key(*setting)) {
        return Err(CredentialsError::NotBuilt { profile: name.to_owned(), setting });
    }
    if let (Some(access_key), Some(secret_key)) = (profile.get("aws_access_key_id"), profile.get("aws_secret_access_key")) {
        let session_token = profile.get("aws_session_token").cloned();
        return Ok(Credentials { keys: SigningKeys { access_key: access_key.clone(), secret_key: secret_key.clone(), session_token } });
    }
    match profile.get("credential_process") {
        Some(command) => {
            let keys = of_process(command).map_err(|why| CredentialsError::Process { profile: name.to_owned(), why })?;
            Ok(Credentials { keys })
        }
        None => Err(CredentialsError::NoKeys(name.to_owned())),
    }
}

/// Source: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>
fn of_process(command: &str) -> Result<SigningKeys, String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Printed {
        version: u32,
        access_key_id: String,
        secret_access_key: String,
        session_token: Option<String>,
    }
    let mut child =
        (Command::new("sh").args(["-c", command]).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()).map_err(|why| why.to_string())?;
    let mut text = String::new();
    let mut out = child.stdout.take().ok_or("it has no standard output")?.take(MAX_PRINTED);
    let read = out.read_to_string(&mut text);
    drop(out);
    let status = child.wait().map_err(|why| why.to_string())?;
    read.map_err(|why| why.to_string())?;
    if !status.success() {
        return Err(format!("it ended with {status}"));
    }
    // What it printed is not told: it may be half of a secret.
    let printed: Printed = serde_json::from_str(&text).map_err(|_| "it printed no credentials".to_owned())?;
    if printed.version != 1 {
        return Err(format!("it printed credentials of version {}", printed.version));
    }
    Ok(SigningKeys { access_key: printed.access_key_id, secret_key: printed.secret_access_key, session_token: printed.session_token })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> String {
        let path = std::env::temp_dir().join(format!("vpclab-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        path.to_string_lossy().into_owned()
    }

    #[test]
    fn keys_come_from_where_the_cli_finds_them() {
        let credentials = file(
            "credentials",
            "[default]\naws_access_key_id = D\naws_secret_access_key = s\n[dev]\naws_access_key_id = DEV\naws_secret_access_key = s\naws_session_token = t\n",
        );
        let config = file(
            "config",
            "[profile made]\ncredential_process = printf '{\"Version\":1,\"AccessKeyId\":\"MADE\",\"SecretAccessKey\":\"s\"}'\n\
             [profile broken]\ncredential_process = echo no\n[profile failing]\ncredential_process = exit 3\n[profile role]\nrole_arn = arn:x\nsource_profile = dev\n[profile bare]\nregion = us-west-2\n",
        );
        let files = [("AWS_SHARED_CREDENTIALS_FILE", credentials.as_str()), ("AWS_CONFIG_FILE", config.as_str())];
        let with = |more: &[(&'static str, &'static str)]| Environment::of(files.into_iter().chain(more.iter().copied()));
        let key = |environment: &Environment, profile| Credentials::find(environment, profile).map(|found| found.keys.access_key);
        let keys = [("AWS_ACCESS_KEY_ID", "ENV"), ("AWS_SECRET_ACCESS_KEY", "s")];
        assert_eq!(key(&with(&keys), None).unwrap(), "ENV");
        assert_eq!(key(&with(&keys), Some("dev")).unwrap(), "DEV", "a profile that is asked for comes first");
        assert_eq!(key(&with(&[("AWS_PROFILE", "dev")]), None).unwrap(), "DEV");
        assert_eq!(key(&with(&[]), None).unwrap(), "D");
        assert_eq!(key(&with(&[]), Some("made")).unwrap(), "MADE");
        let refused = |profile| key(&with(&[]), Some(profile)).unwrap_err().to_string();
        assert_eq!(refused("role"), "the profile `role` has `role_arn`, which vpclab does not read");
        assert_eq!(refused("bare"), "the profile `bare` has no keys");
        assert_eq!(refused("none"), "there is no profile `none`");
        assert_eq!(refused("broken"), "`credential_process` of the profile `broken` failed: it printed no credentials");
        assert!(refused("failing").ends_with("it ended with exit status: 3"));
        assert_eq!(with(&[]).region(Some("bare")).as_deref(), Some("us-west-2"));
        assert!(matches!(Credentials::find(&Environment::default(), None), Err(CredentialsError::None)));
        for path in [credentials, config] {
            std::fs::remove_file(path).unwrap();
        }
    }
}
