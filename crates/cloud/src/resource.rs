//! Resources of a REST API: the nodes of its path tree.
use crate::rest_api::{bad_request, not_found, unused};
use crate::{Cloud, Context, Refusal, ResourceId, RestApiId, Scope, method::Method};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many resources an API has.
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
pub const RESOURCES_MAX: usize = 300;

/// A resource. Keyed by API and id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// Its API.
    pub api: RestApiId,
    /// Its id.
    pub id: ResourceId,
    /// Its parent; none for the root.
    pub parent: Option<ResourceId>,
    /// The last part of its path: literal, `{param}` or `{proxy+}`; empty for the root.
    pub path_part: String,
    /// Its whole path, such as `/pets/{id}`.
    pub path: String,
    /// Its methods by name; `ANY` is one of them.
    pub methods: BTreeMap<String, Method>,
}

/// One change of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourceEdit {
    /// `replace /pathPart`
    PathPart(String),
    /// `replace /parentId`
    Parent(ResourceId),
}

/// What API Gateway says of a resource that is not there, be it for the id of the API or its own.
#[must_use]
pub fn unknown_resource() -> Refusal {
    not_found("Invalid Resource identifier specified")
}

impl Cloud {
    /// The resources of an API, in order of id.
    pub fn resources_of(&self, api: &RestApiId) -> impl Iterator<Item = &Arc<Resource>> {
        let first = (api.clone(), ResourceId::before_all());
        let api = api.clone();
        self.resources.range(first..).take_while(move |((of, _), _)| *of == api).map(|(_, resource)| resource)
    }

    /// A resource of an API of the account and region.
    ///
    /// # Errors
    /// When there is none.
    pub fn resource(&self, scope: &Scope, api: &RestApiId, id: &ResourceId) -> Result<&Arc<Resource>, Refusal> {
        self.rest_api(scope, api).map_err(|_| unknown_resource())?;
        self.resources.get(&(api.clone(), id.clone())).ok_or_else(unknown_resource)
    }

    /// Makes a resource below another.
    ///
    /// # Errors
    /// When the parent is not there, or the path part is not legal at this place.
    pub fn create_resource(
        &mut self,
        cx: &mut Context,
        api: &RestApiId,
        parent: &ResourceId,
        path_part: String,
    ) -> Result<ResourceId, Refusal> {
        self.rest_api(&cx.scope, api)?;
        let above = Arc::clone(self.resource(&cx.scope, api, parent)?);
        if self.resources_of(api).count() >= RESOURCES_MAX {
            return Err(Refusal::ApiLimitExceeded(format!(
                "Maximum number of resources for this API has been reached. Please contact AWS if you need additional resources. Limit: {RESOURCES_MAX}"
            )));
        }
        self.check_place(&above, &path_part, None)?;
        let id = unused(|| ResourceId::fresh(&mut cx.ids), |id| self.resources.contains_key(&(api.clone(), id.clone())));
        let path = joined(&above.path, &path_part);
        let resource =
            Resource { api: api.clone(), id: id.clone(), parent: Some(parent.clone()), path_part, path, methods: BTreeMap::new() };
        self.resources.insert((api.clone(), id.clone()), Arc::new(resource));
        Ok(id)
    }

    /// Renames or moves a resource with all below it.
    ///
    /// # Errors
    /// When it or its new parent is not there, or the new place is not legal.
    pub fn update_resource(
        &mut self,
        cx: &mut Context,
        api: &RestApiId,
        id: &ResourceId,
        edits: impl IntoIterator<Item = ResourceEdit>,
    ) -> Result<(), Refusal> {
        let mut resource = Resource::clone(self.resource(&cx.scope, api, id)?);
        let mut moved = false;
        for edit in edits {
            if resource.parent.is_none() {
                return Err(bad_request("Root resource cannot be updated."));
            }
            moved = true;
            match edit {
                ResourceEdit::PathPart(part) => resource.path_part = part,
                ResourceEdit::Parent(parent) => {
                    self.resource(&cx.scope, api, &parent)?;
                    if self.lineage(api, &parent).any(|above| above == *id) {
                        return Err(bad_request("Resources cannot be cyclical."));
                    }
                    resource.parent = Some(parent);
                }
            }
        }
        if !moved {
            return Ok(());
        }
        let parent = resource.parent.clone().ok_or_else(unknown_resource)?;
        let above = Arc::clone(self.resource(&cx.scope, api, &parent)?);
        self.check_place(&above, &resource.path_part, Some(id))?;
        if greedy(&resource.path_part) && self.resources_of(api).any(|r| r.parent.as_ref() == Some(id)) {
            return Err(child_of_greedy(&resource.path_part));
        }
        resource.path = joined(&above.path, &resource.path_part);
        self.resources.insert((api.clone(), id.clone()), Arc::new(resource));
        self.rewrite_paths(api, id);
        Ok(())
    }

    /// Deletes a resource with all below it.
    ///
    /// # Errors
    /// When it is not there or is the root.
    pub fn delete_resource(&mut self, cx: &mut Context, api: &RestApiId, id: &ResourceId) -> Result<(), Refusal> {
        if self.resource(&cx.scope, api, id)?.parent.is_none() {
            return Err(bad_request("Root resource cannot be deleted."));
        }
        for below in self.subtree(api, id) {
            self.resources.remove(&(api.clone(), below));
        }
        Ok(())
    }

    /// Changes one resource.
    pub(crate) fn edit_resource<T>(
        &mut self,
        scope: &Scope,
        api: &RestApiId,
        id: &ResourceId,
        edit: impl FnOnce(&mut Resource) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut resource = Resource::clone(self.resource(scope, api, id)?);
        let answer = edit(&mut resource)?;
        self.resources.insert((api.clone(), id.clone()), Arc::new(resource));
        Ok(answer)
    }

    /// The resource and all below it, itself first.
    fn subtree(&self, api: &RestApiId, id: &ResourceId) -> Vec<ResourceId> {
        let mut below = vec![id.clone()];
        let mut next = 0;
        while let Some(parent) = below.get(next).cloned() {
            let children = self.resources_of(api).filter(|r| r.parent.as_ref() == Some(&parent));
            below.extend(children.map(|r| r.id.clone()));
            next += 1;
        }
        below
    }

    /// The resource and all above it, itself first.
    fn lineage(&self, api: &RestApiId, id: &ResourceId) -> impl Iterator<Item = ResourceId> {
        std::iter::successors(Some(id.clone()), move |id| self.resources.get(&(api.clone(), id.clone()))?.parent.clone())
    }

    /// The paths below a resource that got another path. Parents come before their children in a subtree.
    fn rewrite_paths(&mut self, api: &RestApiId, id: &ResourceId) {
        for below in self.subtree(api, id).into_iter().skip(1) {
            let key = (api.clone(), below);
            let Some(resource) = self.resources.get(&key).cloned() else { continue };
            let above = resource.parent.clone().and_then(|p| self.resources.get(&(api.clone(), p)));
            let Some(above) = above else { continue };
            let path = joined(&above.path, &resource.path_part);
            self.resources.insert(key, Arc::new(Resource { path, ..Resource::clone(&resource) }));
        }
    }

    fn check_place(&self, above: &Resource, part: &str, but: Option<&ResourceId>) -> Result<(), Refusal> {
        if !is_path_part(part) {
            return Err(bad_request(
                "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.",
            ));
        }
        if greedy(&above.path_part) {
            return Err(child_of_greedy(&above.path_part));
        }
        let siblings = || self.resources_of(&above.api).filter(|r| r.parent.as_ref() == Some(&above.id) && Some(&r.id) != but);
        if siblings().any(|r| r.path_part == part) {
            return Err(Refusal::ApiConflict(format!("Another resource with the same parent already has this name: {part}")));
        }
        if variable(part)
            && let Some(other) = siblings().find(|r| variable(&r.path_part))
        {
            return Err(bad_request(format!(
                "A sibling ({}) of this resource already has a variable path part -- only one is allowed",
                other.path_part
            )));
        }
        Ok(())
    }
}

fn child_of_greedy(part: &str) -> Refusal {
    bad_request(format!("Cannot create a child of a resource with a greedy path variable: {part}"))
}

fn joined(above: &str, part: &str) -> String {
    format!("{}/{part}", above.trim_end_matches('/'))
}

fn variable(part: &str) -> bool {
    part.starts_with('{')
}

fn greedy(part: &str) -> bool {
    part.ends_with("+}")
}

/// `pets`, `{id}`, `{proxy+}`; literals may hold what the developer guide lists beside letters and digits.
fn is_path_part(part: &str) -> bool {
    let inside = part.strip_prefix('{').and_then(|p| p.strip_suffix('}'));
    let (name, more): (&str, &[u8]) = match inside {
        Some(name) => (name.strip_suffix('+').unwrap_or(name), b"._-:"),
        None => (part, b"._-:,"),
    };
    !name.is_empty() && part.len() <= 1024 && name.bytes().all(|b| b.is_ascii_alphanumeric() || more.contains(&b))
}

#[cfg(test)]
mod tests;
