//! Security schemes and the operations that require them. Built are "nobody is asked" and signatures (`AWS_IAM`): the others that API
//! Gateway would act on are refused, so that no method is open which the document closes.
use super::read::{self, Object};
use super::settings::not_served;
use super::{Family, ImportError, Importer, extension};
use serde_json::Value;

const NONE: &str = "NONE";
const AWS_IAM: &str = "AWS_IAM";

impl<'a> Importer<'a> {
    fn schemes(&self) -> Option<(&'a Value, &'static str)> {
        match self.family {
            Family::Swagger2 => Some((self.root.get("securityDefinitions")?, "securityDefinitions")),
            Family::OpenApi3 => Some((self.root.get("components")?.get("securitySchemes")?, "components.securitySchemes")),
        }
    }

    /// An authorizer is made by declaring it.
    pub(super) fn check_security_schemes(&mut self) -> Result<(), ImportError> {
        let Some((schemes, place)) = self.schemes() else { return Ok(()) };
        for (name, scheme) in read::object(schemes, place)? {
            let here = read::under(place, name);
            let scheme = read::object(scheme, &here)?;
            for member in scheme.keys() {
                extension::refuse_aws(member, &here, &[extension::AUTHTYPE, extension::AUTHORIZER])?;
            }
            self.note_authorizer(name, scheme, &here)?;
        }
        Ok(())
    }

    /// The authorization type that an operation asks for.
    pub(super) fn authorization(&mut self, operation: &Object, place: &str) -> Result<&'static str, ImportError> {
        let mut found = NONE;
        if let Some(auth) = operation.get(extension::AUTH) {
            let here = read::under(place, extension::AUTH);
            let kind = read::optional_text(read::object(auth, &here)?, &here, "type")?.unwrap_or_default();
            if kind.eq_ignore_ascii_case(AWS_IAM) {
                found = AWS_IAM;
            } else if !kind.eq_ignore_ascii_case(NONE) {
                return Err(not_served(&format!("{}: {kind}", extension::AUTH), place));
            }
        }
        let Some(security) = operation.get("security") else { return Ok(found) };
        let here = read::under(place, "security");
        for requirement in read::array(security, &here)? {
            for name in read::object(requirement, &here)?.keys() {
                let scheme = self.schemes().and_then(|(schemes, _)| schemes.get(name));
                // As SAM writes a method that is open beside a default authorizer.
                if scheme.is_none() && name == NONE {
                    continue;
                }
                let scheme = scheme.ok_or_else(|| ImportError::Illegal {
                    place: here.clone(),
                    why: format!("the security scheme `{name}` is not declared"),
                })?;
                if self.authorizers.contains_key(name) {
                    continue;
                }
                match acted_on(scheme) {
                    Some(AWS_IAM) => {
                        found = AWS_IAM;
                        continue;
                    }
                    Some(what) => return Err(not_served(&format!("security: {name} ({what})"), place)),
                    None => {}
                }
                self.warnings.push(format!("The security scheme '{name}' of {place} was ignored: API Gateway cannot enforce it"));
            }
        }
        Ok(found)
    }
}

/// What API Gateway makes of a scheme, if anything.
fn acted_on(scheme: &Value) -> Option<&'static str> {
    let is = |member: &str, text: &str| scheme.get(member).and_then(Value::as_str).is_some_and(|value| value.eq_ignore_ascii_case(text));
    if is(extension::AUTHTYPE, "awsSigv4") {
        Some(AWS_IAM)
    } else if scheme.get(extension::AUTHTYPE).is_some() {
        Some("an authorizer")
    } else if is("type", "apiKey") && is("in", "header") && is("name", "x-api-key") {
        Some("an API key")
    } else {
        None
    }
}
