//! Code that stands in the template, as a zip file. With it comes the module `cfn-response`, for those that name it.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-lambda-function-code-cfnresponsemodule.html>
use crate::cloudformation::resource::Failure;
use bytes::Bytes;
use std::io::{Cursor, Write as _};
use zip::{ZipWriter, result::ZipError, write::SimpleFileOptions};

/// The most characters of code in a template.
const MOST: usize = 4 * 1024 * 1024;

const FOR_PYTHON: &str = include_str!("inline/cfnresponse.py");
const FOR_NODE: &str = include_str!("inline/cfn-response.js");

/// The zip file of a source text.
pub(super) fn archive(runtime: &str, source: &str) -> Result<Bytes, Failure> {
    if source.len() > MOST {
        return Err(Failure::invalid(format!("Code.ZipFile may not be longer than {MOST} characters")));
    }
    let (index, module, name, text) = if runtime.starts_with("python") {
        ("index.py", "cfnresponse.py", "cfnresponse", FOR_PYTHON)
    } else if runtime.starts_with("nodejs") {
        ("index.js", "cfn-response.js", "cfn-response", FOR_NODE)
    } else {
        return Err(Failure::invalid("ZipFile can only be used when Runtime is set to one of nodejs and python."));
    };
    let mut files = vec![(index, source)];
    if source.contains(name) {
        files.push((module, text));
    }
    written(&files).map_err(|why| Failure::new("InternalFailure", why.to_string()))
}

/// The same files make the same bytes.
fn written(files: &[(&str, &str)]) -> Result<Bytes, ZipError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().last_modified_time(zip::DateTime::default()).unix_permissions(0o644);
    for (name, text) in files {
        zip.start_file(*name, options)?;
        zip.write_all(text.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(zip: &Bytes) -> Vec<String> {
        let archive = zip::ZipArchive::new(Cursor::new(zip.as_ref())).unwrap();
        archive.file_names().map(str::to_owned).collect()
    }

    #[test]
    fn the_response_module_comes_with_code_that_names_it() {
        assert_eq!(names(&archive("python3.13", "pass").unwrap()), ["index.py"]);
        assert_eq!(names(&archive("python3.13", "import cfnresponse").unwrap()), ["index.py", "cfnresponse.py"]);
        assert_eq!(names(&archive("nodejs22.x", "require('cfn-response')").unwrap()), ["index.js", "cfn-response.js"]);
        assert_eq!(archive("python3.13", "pass"), archive("python3.13", "pass"));
        assert!(archive("java21", "").is_err());
    }
}
