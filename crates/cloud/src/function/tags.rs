//! Tags of functions.
use super::check;
use crate::{Cloud, Context, Refusal, Tags};

impl Cloud {
    /// `TagResource` and `UntagResource`: adds tags over those of the same keys, and takes the tags of `removed` away.
    ///
    /// # Errors
    /// No such function, or too many tags.
    pub fn tag_function(&mut self, cx: &mut Context, name: &str, added: Tags, removed: &[String]) -> Result<(), Refusal> {
        let mut function = self.function_at(&cx.scope, name, None)?;
        function.tags.extend(added);
        function.tags.retain(|key, _| !removed.contains(key));
        check::tags(&function.tags)?;
        self.save_function(function);
        Ok(())
    }
}
