//! Layers: zip files that functions share.
//! Source: <https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html>
use super::{FunctionCode, FunctionLayer, FunctionPolicy, LayerName, Permission, check, revision};
use crate::{Cloud, Context, Refusal, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A version of a layer. Keyed by account, region, name and number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerVersion {
    /// The account and region.
    pub scope: Scope,
    /// The layer's name.
    pub name: String,
    /// Its number, from 1 on.
    pub number: u64,
    /// Its description.
    pub description: String,
    /// Its content.
    pub code: FunctionCode,
    /// The runtimes it is for.
    pub runtimes: Vec<String>,
    /// The architectures it is for.
    pub architectures: Vec<String>,
    /// Its licence.
    pub license: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// Who may use it besides its account.
    pub policy: FunctionPolicy,
    /// Whether it was deleted: its number is not given again.
    pub deleted: bool,
}

/// What `PublishLayerVersion` takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishLayer {
    /// The layer's name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Its content.
    pub code: FunctionCode,
    /// The runtimes it is for.
    pub runtimes: Vec<String>,
    /// The architectures it is for.
    pub architectures: Vec<String>,
    /// Its licence.
    pub license: Option<String>,
}

impl LayerVersion {
    /// `arn:aws:lambda:REGION:ACCOUNT:layer:NAME`
    #[must_use]
    pub fn layer_arn(&self) -> String {
        format!("arn:aws:lambda:{}:{}:layer:{}", self.scope.region, self.scope.account, self.name)
    }

    /// The same with its number.
    #[must_use]
    pub fn arn(&self) -> String {
        format!("{}:{}", self.layer_arn(), self.number)
    }

    /// Whether an account may use it. A permission for all accounts of an organization is for all.
    #[must_use]
    pub fn allows(&self, account: &str) -> bool {
        let root = format!("arn:aws:iam::{account}:root");
        let named = |permission: &Permission| [account, "*", &root].contains(&permission.principal.as_str());
        self.scope.account.as_str() == account || self.policy.statements.iter().any(named)
    }
}

impl Cloud {
    /// The versions of the layers of an account and region, by name, then number; deleted ones are left out.
    pub fn layer_versions_of(&self, scope: &Scope) -> impl Iterator<Item = &Arc<LayerVersion>> {
        let (first, scope) = ((scope.clone(), String::new(), 0), scope.clone());
        let all = self.layer_versions.range(first..).take_while(move |((of, ..), _)| *of == scope);
        all.map(|(_, layer)| layer).filter(|layer| !layer.deleted)
    }

    /// A version of a layer that an account may use.
    ///
    /// # Errors
    /// When there is none, or it is another account's that does not share it.
    pub fn layer_version(&self, caller: &Scope, scope: &Scope, name: &str, number: u64) -> Result<&Arc<LayerVersion>, Refusal> {
        let found = self.layer_versions.get(&(scope.clone(), name.to_owned(), number)).filter(|layer| !layer.deleted);
        match found {
            Some(layer) if layer.allows(caller.account.as_str()) => Ok(layer),
            _ if caller.account != scope.account => Err(Refusal::FunctionAccessDenied(format!(
                "User: arn:aws:iam::{}:root is not authorized to perform: lambda:GetLayerVersion on resource: \
                 arn:aws:lambda:{}:{}:layer:{name}:{number} because no resource-based policy allows the lambda:GetLayerVersion action",
                caller.account, scope.region, scope.account
            ))),
            _ => Err(Refusal::FunctionNotFound("The resource you requested does not exist.".to_owned())),
        }
    }

    /// `PublishLayerVersion`: answers its number.
    ///
    /// # Errors
    /// Values that are not legal.
    pub fn publish_layer(&mut self, cx: &mut Context, input: PublishLayer) -> Result<u64, Refusal> {
        if !check::is_word(&input.name, 140) {
            return Err(check::constraint(&input.name, "layerName", "satisfy regular expression pattern: [a-zA-Z0-9-_]+"));
        }
        if input.description.chars().count() > 256 {
            return Err(check::constraint(&input.description, "description", "have length less than or equal to 256"));
        }
        let first = (cx.scope.clone(), input.name.clone(), 0);
        let own = self.layer_versions.range(first..).take_while(|((scope, name, _), _)| *scope == cx.scope && *name == input.name);
        let number = own.last().map_or(1, |((.., number), _)| number + 1);
        let layer = LayerVersion {
            scope: cx.scope.clone(),
            name: input.name.clone(),
            number,
            description: input.description,
            code: input.code,
            runtimes: input.runtimes,
            architectures: input.architectures,
            license: input.license,
            created: cx.now,
            policy: FunctionPolicy::default(),
            deleted: false,
        };
        self.layer_versions.insert((cx.scope.clone(), input.name, number), Arc::new(layer));
        Ok(number)
    }

    /// `DeleteLayerVersion`: functions that use it keep it. One that is not there is as good as deleted.
    pub fn delete_layer_version(&mut self, cx: &mut Context, name: &str, number: u64) {
        let key = (cx.scope.clone(), name.to_owned(), number);
        if let Some(layer) = self.layer_versions.get_mut(&key).map(Arc::make_mut) {
            layer.deleted = true;
        }
    }

    /// `AddLayerVersionPermission`.
    ///
    /// # Errors
    /// No such version, or an id that is taken.
    pub fn add_layer_permission(&mut self, cx: &mut Context, name: &str, number: u64, permission: Permission) -> Result<(), Refusal> {
        let mut layer = LayerVersion::clone(self.layer_version(&cx.scope, &cx.scope, name, number)?);
        if layer.policy.statements.iter().any(|other| other.sid == permission.sid) {
            return Err(Refusal::FunctionConflict(format!(
                "The statement id ({}) provided already exists. Please provide a new statement id, or remove the existing statement.",
                permission.sid
            )));
        }
        layer.policy.statements.push(permission);
        layer.policy.revision = revision(&mut cx.ids);
        self.layer_versions.insert((cx.scope.clone(), name.to_owned(), number), Arc::new(layer));
        Ok(())
    }

    /// `RemoveLayerVersionPermission`.
    ///
    /// # Errors
    /// No such version or statement.
    pub fn remove_layer_permission(&mut self, cx: &mut Context, name: &str, number: u64, sid: &str) -> Result<(), Refusal> {
        let mut layer = LayerVersion::clone(self.layer_version(&cx.scope, &cx.scope, name, number)?);
        let before = layer.policy.statements.len();
        layer.policy.statements.retain(|statement| statement.sid != sid);
        if layer.policy.statements.len() == before {
            return Err(Refusal::FunctionNotFound(format!("Statement {sid} is not found in resource policy.")));
        }
        layer.policy.revision = revision(&mut cx.ids);
        self.layer_versions.insert((cx.scope.clone(), name.to_owned(), number), Arc::new(layer));
        Ok(())
    }

    /// The layers that a function names.
    pub(super) fn layers_by_arn(&self, scope: &Scope, arns: &[String]) -> Result<Vec<FunctionLayer>, Refusal> {
        let mut layers: Vec<FunctionLayer> = Vec::new();
        for arn in arns {
            let name = LayerName::parse(arn)?;
            let (Some(of), Some(number)) = (&name.scope, name.version) else {
                return Err(check::invalid(format!("Layer version ARN is malformed: {arn}")));
            };
            if of.region != scope.region {
                return Err(check::invalid(format!("Layer version {arn} must be in the region of the function.")));
            }
            let found = self.layer_version(scope, of, &name.name, number).map_err(|why| match why {
                Refusal::FunctionNotFound(_) => check::invalid(format!("Layer version {arn} does not exist.")),
                why => why,
            })?;
            let same = layers.iter().any(|other| other.arn.rsplit_once(':').map(|(layer, _)| layer) == Some(&found.layer_arn()));
            if same {
                return Err(check::invalid(format!(
                    "Two different versions of the same layer are not allowed to be referenced in the same function. {arn}"
                )));
            }
            layers.push(FunctionLayer { arn: arn.clone(), code: found.code.clone() });
        }
        Ok(layers)
    }
}
