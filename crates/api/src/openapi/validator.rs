//! Request validators of a document: an operation's own, else the document's.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-request-validators.html>
use super::read::{self, Object};
use super::settings::not_served;
use super::{ImportError, Importer, extension};
use vpclab_cloud::request_validator::RequestValidator;

impl Importer<'_> {
    pub(super) fn validators(&mut self) -> Result<(), ImportError> {
        let place = extension::REQUEST_VALIDATORS;
        let Some(given) = self.root.get(place) else { return Ok(()) };
        for (name, value) in read::object(given, place)? {
            let here = read::under(place, name);
            let mut validator = RequestValidator { name: Some(name.clone()), ..RequestValidator::default() };
            for (member, value) in read::object(value, &here)? {
                match member.as_str() {
                    "validateRequestBody" => validator.body = read::truth(value, &here)?,
                    "validateRequestParameters" => validator.parameters = read::truth(value, &here)?,
                    other => return Err(not_served(other, &here)),
                }
            }
            self.validators.insert(name.clone(), validator);
        }
        Ok(())
    }

    /// Notes which validator each method of a path has.
    pub(super) fn note_validators(&mut self, path: &str, item: &Object) -> Result<(), ImportError> {
        let of_all = read::optional_text(self.root, "", extension::REQUEST_VALIDATOR)?;
        for (name, operation) in item {
            let method = match name.as_str() {
                "get" | "put" | "post" | "delete" | "options" | "head" | "patch" => name.to_ascii_uppercase(),
                extension::ANY_METHOD => "ANY".to_owned(),
                _ => continue,
            };
            let place = format!("paths.{path}.{name}");
            let own = read::optional_text(read::object(operation, &place)?, &place, extension::REQUEST_VALIDATOR)?;
            let Some(chosen) = own.or_else(|| of_all.clone()) else { continue };
            if !self.validators.contains_key(&chosen) {
                let why = format!("the request validator `{chosen}` is not among {}", extension::REQUEST_VALIDATORS);
                return Err(ImportError::Illegal { place, why });
            }
            self.validator_of.insert((path.to_owned(), method), chosen);
        }
        Ok(())
    }
}
