//! The environment every program of an instance starts with: at boot, by `exec` and in a shell.

use std::fs;

/// The machine's authorities and the lab's, inside an instance.
pub(crate) const BUNDLE: &str = "/etc/ssl/certs/ca-certificates.crt";

/// The lab's authority alone, inside an instance.
pub(crate) const AUTHORITY: &str = "/etc/ssl/certs/vpclab-authority.pem";

/// Where an instance keeps the environment of its programs.
pub(crate) const FILE: &str = "/run/vpclab/environment";

const SEARCH_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What each program gets, before what the lab adds.
pub(crate) fn basic() -> Vec<(String, String)> {
    [
        ("PATH", SEARCH_PATH),
        ("HOME", "/root"),
        ("USER", "root"),
        ("LOGNAME", "root"),
        ("LANG", "C.UTF-8"),
        // OpenSSL (and so Python's ssl), requests, botocore, curl and Node each ask another variable.
        ("SSL_CERT_FILE", BUNDLE),
        ("REQUESTS_CA_BUNDLE", BUNDLE),
        ("AWS_CA_BUNDLE", BUNDLE),
        ("CURL_CA_BUNDLE", BUNDLE),
        ("GIT_SSL_CAINFO", BUNDLE),
        ("NODE_EXTRA_CA_CERTS", AUTHORITY),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

/// One `NAME=value` a line; variables that cannot be written so are left out.
pub(crate) fn render(variables: &[(String, String)]) -> String {
    variables
        .iter()
        .filter(|(name, value)| !name.is_empty() && !name.contains(['=', '\n', '\0']) && !value.contains(['\n', '\0']))
        .map(|(name, value)| format!("{name}={value}\n"))
        .collect()
}

/// The environment of the instance whose files the process sees.
pub(crate) fn read() -> Vec<(String, String)> {
    match fs::read_to_string(FILE) {
        Ok(text) => parse(&text),
        // Somebody emptied the instance's /run: programs still get the essentials.
        Err(_) => basic(),
    }
}

fn parse(text: &str) -> Vec<(String, String)> {
    text.lines().filter_map(|line| line.split_once('=')).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut variables = basic();
        variables.push(("AWS_REGION".into(), "ap-northeast-2".into()));
        variables.push(("ODD".into(), "a=b c".into()));
        assert_eq!(parse(&render(&variables)), variables);
    }

    #[test]
    fn a_variable_that_would_make_another_is_left_out() {
        assert_eq!(render(&[("A".into(), "x\nPATH=/evil".into())]), "");
        assert_eq!(render(&[("A=B".into(), "x".into())]), "");
    }
}
