//! Entries of a directory, read without trust in their form.

use ldap3::{ResultEntry, SearchEntry};
use std::collections::BTreeMap;

/// An entry: its name, and its attributes by their names in lower case.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entry {
    pub(crate) dn: String,
    pub(crate) texts: BTreeMap<String, Vec<String>>,
    /// Attributes of which a value cannot be shown.
    pub(crate) binary: BTreeMap<String, Vec<Vec<u8>>>,
}

impl Entry {
    /// Reads an entry. Panics on one that breaks the protocol, so it is only called within an exchange.
    pub(crate) fn read(found: ResultEntry) -> Entry {
        let found = SearchEntry::construct(found);
        let mut entry = Entry {
            dn: found.dn,
            ..Entry::default()
        };
        for (name, values) in found.bin_attrs {
            entry.binary.insert(name.to_lowercase(), values);
        }
        for (name, values) in found.attrs {
            let name = name.to_lowercase();
            if values.iter().all(|value| is_text(value)) {
                entry.texts.insert(name, values);
            } else {
                let bytes = values.into_iter().map(String::into_bytes);
                entry.binary.insert(name, bytes.collect());
            }
        }
        entry
    }

    /// All values of an attribute.
    pub(crate) fn all(&self, name: &str) -> &[String] {
        self.texts.get(name).map_or(&[], Vec::as_slice)
    }

    /// The first value of an attribute that is not empty.
    pub(crate) fn one(&self, name: &str) -> Option<String> {
        let mut values = self.all(name).iter().map(|value| value.trim());
        values.find(|value| !value.is_empty()).map(str::to_owned)
    }

    /// The first value of an attribute as bytes.
    pub(crate) fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        let text = || self.all(name).first().map(|text| text.as_bytes().to_vec());
        let bytes = self.binary.get(name).and_then(|values| values.first().cloned());
        bytes.or_else(text)
    }
}

/// Whether all signs of a value can be shown. Bytes may be text by chance.
fn is_text(value: &str) -> bool {
    !value
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
}
