//! What a server tells of files and folders, in XML.

use files::FoundKind;
use quick_xml::NsReader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use std::error::Error;
use std::time::SystemTime;

/// The question for what is told.
pub(crate) const QUESTION: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?><d:propfind xmlns:d=\"DAV:\"><d:prop>\
    <d:resourcetype/><d:getcontentlength/><d:getlastmodified/></d:prop></d:propfind>";
/// Most bytes of an answer, and how deep its elements may lie.
pub(crate) const MOST_BYTES: u64 = 32 << 20;
const DEEPEST: usize = 64;
/// The namespace of all that is of interest.
const DAV: &str = "DAV:";

/// What is told of one file or folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    /// Its address, as it was sent.
    pub(crate) address: String,
    pub(crate) kind: FoundKind,
    pub(crate) modified: Option<SystemTime>,
}

/// Reads an answer; what is not of interest is passed over.
///
/// Fails when it is not XML, or too deep.
pub(crate) fn read(xml: &str) -> Result<Vec<Told>, Box<dyn Error + Send + Sync>> {
    let mut reader = NsReader::from_str(xml);
    let (mut reading, mut depth) = (Reading::default(), 0);
    loop {
        let (namespace, event) = reader.read_resolved_event()?;
        let is_dav = matches!(namespace, ResolveResult::Bound(name) if name.as_ref() == DAV);
        match event {
            Event::Eof => return Ok(reading.told),
            Event::Start(element) => {
                depth += 1;
                if depth > DEEPEST {
                    return Err("an answer is nested too deeply".into());
                }
                reading.text.clear();
                if is_dav {
                    reading.begin(element.local_name().as_ref());
                }
            }
            Event::Empty(element) if is_dav => reading.begin(element.local_name().as_ref()),
            Event::Text(part) => reading.text.push_str(&part),
            Event::CData(part) => reading.text.push_str(&part),
            Event::GeneralRef(entity) => match entity.resolve_char_ref()? {
                Some(sign) => reading.text.push(sign),
                // Entities of a document's own are not taken.
                None => {
                    let known = resolve_predefined_entity(&entity).ok_or("an entity is not known")?;
                    reading.text.push_str(known);
                }
            },
            Event::End(element) => {
                depth = depth.saturating_sub(1);
                if is_dav {
                    reading.end(element.local_name().as_ref());
                }
                reading.text.clear();
            }
            _ => {}
        }
    }
}

/// Properties of a file or folder.
#[derive(Default)]
struct Properties {
    is_folder: bool,
    length: Option<u64>,
    modified: Option<SystemTime>,
}

/// What has been read so far.
#[derive(Default)]
struct Reading {
    told: Vec<Told>,
    /// The text of the present element.
    text: String,
    /// Of the present file or folder.
    address: String,
    properties: Properties,
    /// Of the present group of properties, and whether the server says that it found them.
    group: Properties,
    is_found: bool,
}

impl Reading {
    /// An element begins.
    fn begin(&mut self, name: &str) {
        match name {
            "response" => {
                self.address.clear();
                self.properties = Properties::default();
            }
            "propstat" => {
                self.group = Properties::default();
                self.is_found = false;
            }
            "collection" => self.group.is_folder = true,
            _ => {}
        }
    }

    /// An element ends.
    fn end(&mut self, name: &str) {
        let value = self.text.trim();
        match name {
            "href" if self.address.is_empty() => self.address = value.to_owned(),
            "getcontentlength" => self.group.length = value.parse().ok(),
            "getlastmodified" => self.group.modified = httpdate::parse_http_date(value).ok(),
            // HTTP/1.1 200 OK
            "status" => self.is_found = value.split(' ').nth(1) == Some("200"),
            "propstat" if self.is_found => {
                self.properties.is_folder |= self.group.is_folder;
                self.properties.length = self.properties.length.or(self.group.length);
                self.properties.modified = self.properties.modified.or(self.group.modified);
            }
            "response" => self.told.push(Told {
                address: std::mem::take(&mut self.address),
                kind: match self.properties.is_folder {
                    true => FoundKind::Folder,
                    false => FoundKind::File {
                        length: self.properties.length.unwrap_or_default(),
                    },
                },
                modified: self.properties.modified,
            }),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_real_servers() {
        let xml = r#"<?xml version="1.0" encoding="utf-8"?>
<D:multistatus xmlns:D="DAV:" xmlns:ns0="DAV:">
<D:response xmlns:lp1="DAV:"><D:href>/dav/a%20b/</D:href>
<D:propstat><D:prop><lp1:resourcetype><D:collection/></lp1:resourcetype>
<lp1:getlastmodified>Tue, 23 Jul 2019 15:31:31 GMT</lp1:getlastmodified></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>
<D:propstat><D:prop><D:getcontentlength/></D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat></D:response>
<D:response><D:href>/dav/a%20b/x&amp;&#x79;.txt</D:href>
<D:propstat><D:prop><D:resourcetype/><D:getcontentlength>12</D:getcontentlength></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>
</D:response></D:multistatus>"#;
        let told = read(xml).unwrap();
        assert_eq!(told.len(), 2);
        assert_eq!(
            (told[0].address.as_str(), told[0].kind),
            ("/dav/a%20b/", FoundKind::Folder)
        );
        assert!(told[0].modified.is_some());
        assert_eq!(told[1].address, "/dav/a%20b/x&y.txt");
        assert_eq!(told[1].kind, FoundKind::File { length: 12 });
    }

    #[test]
    fn bad_answers_are_faults() {
        let deep = "<a>".repeat(1000);
        let bomb = r#"<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>"#;
        for xml in [
            "<a></b>",
            &deep,
            bomb,
            "<d:response xmlns:d='DAV:'>&#xffffffff;</d:response>",
        ] {
            assert!(read(xml).is_err(), "{xml}");
        }
        assert!(read("").unwrap().is_empty());
        let other = "<response><href>/x</href></response>";
        assert!(read(other).unwrap().is_empty(), "of another namespace");
    }
}
