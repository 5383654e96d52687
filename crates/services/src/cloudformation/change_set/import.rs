//! `ImportExistingResources`: resources of a template that are there already, under the name that the template gives them.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html>
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{self, Existing, Prepared};
use serde_json::Map;
use vpclab_cloud::change_set::{ChangeAction, ResourceChange};
use vpclab_cloud::{Cloud, Stack};
use vpclab_template::schema;

/// What a change set would import: the name of the first resource that is there before its stack makes it, and its type. Most
/// templates have none, and then the parameter asks for nothing.
pub(super) fn existing(cloud: &Cloud, stack: &Stack, changes: &[ResourceChange]) -> Option<(String, String)> {
    changes.iter().filter(|change| change.action == ChangeAction::Add).find_map(|change| {
        let (kind, after) = (resource::of(&change.kind)?, change.after.as_ref()?);
        let [identifier] = schema::of(&change.kind)?.identifier() else { return None };
        let properties = Properties::new(after);
        let physical = properties.text(identifier).ok().flatten()?;
        let is = Existing {
            scope: &stack.scope,
            stack,
            logical: &change.logical,
            physical: &physical,
            properties,
            attributes: &Map::new(),
            prepared: Prepared::default(),
        };
        let found = !kind.attributes(cloud, &is).is_empty();
        found.then(|| (physical.clone(), change.kind.clone()))
    })
}
