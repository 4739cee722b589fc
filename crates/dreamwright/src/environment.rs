//! Where settings come from: the real environment, then `.env` in the working directory, then `.env` in the data folder.

use crate::Refusal;
use contract::Settings;
use std::collections::HashMap;
use std::path::Path;

/// Named values, read once.
#[derive(Debug, Clone, Default)]
pub struct Environment(HashMap<String, String>);

impl Environment {
    /// The real environment over the two files. A file that is absent is passed over; one that cannot be read is
    /// refused without telling what stands in it.
    pub fn load(data: &Path) -> Result<Environment, Refusal> {
        let mut values = HashMap::new();
        for file in [data.join(".env"), Path::new(".env").to_owned()] {
            if file.is_file() {
                values.extend(read(&file)?);
            }
        }
        // Names and values that are not UTF-8 are none of ours.
        values.extend(
            std::env::vars_os().filter_map(|(n, v)| Some((n.into_string().ok()?, v.into_string().ok()?))),
        );
        Ok(Environment(values))
    }

    /// A value by name.
    pub fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }

    /// All values.
    pub(crate) fn all(&self) -> impl Iterator<Item = (String, String)> {
        self.0.clone().into_iter()
    }

    /// The settings. A bad value is refused with its name.
    pub fn settings(&self) -> Result<Settings, Refusal> {
        Settings::read(|name| self.get(name)).map_err(Refusal::Value)
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Environment {
        Environment(pairs.into_iter().map(|(n, v)| (n.into(), v.into())).collect())
    }
}

fn read(file: &Path) -> Result<HashMap<String, String>, Refusal> {
    let wrong = |e: dotenvy::Error| match e {
        dotenvy::Error::Io(e) => Refusal::io("The file", file, &e),
        _ => Refusal::Value(format!(
            "A line of {} is not of the form NAME=value.",
            file.display()
        )),
    };
    dotenvy::from_path_iter(file)
        .map_err(wrong)?
        .map(|pair| pair.map_err(wrong))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_the_data_folder_is_read_and_the_real_environment_wins() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(".env"), "DF_JWT_TTL=7\nPATH=/nowhere\n").unwrap();
        let environment = Environment::load(folder.path()).unwrap();
        assert_eq!(environment.settings().unwrap().jwt_ttl, 7);
        assert_eq!(environment.get("PATH"), std::env::var("PATH").ok());
    }

    #[test]
    fn bad_lines_and_values_are_refused_without_their_text() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(".env"), "hunter2 hunter2\n").unwrap();
        let refusal = Environment::load(folder.path()).unwrap_err();
        assert!(refusal.exit_code() == 2 && !refusal.to_string().contains("hunter2"));
        let bad = Environment::from_iter([("DW_POOL_SIZE", "many")])
            .settings()
            .unwrap_err();
        assert_eq!(
            bad.to_string(),
            "DW_POOL_SIZE must be a whole number from 1 to 1000, but it is 'many'."
        );
    }
}
