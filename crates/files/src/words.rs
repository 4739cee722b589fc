//! Query parameters of file services. Those that other services know as well mean something of their own here, so they
//! have descriptions of their own.

use contract::Word;
use contract::word::WordKind;

macro_rules! words {
    ($($ident:ident = $name:literal $kind:ident $description:literal;)*) => {
        $(
            #[doc = $description]
            pub(crate) static $ident: Word = Word {
                name: $name, aliases: &[], kind: WordKind::$kind, in_body: false, description: $description,
            };
        )*
    };
}

words! {
    INCLUDE_FOLDERS = "include_folders" Boolean "List folders. Default is true.";
    INCLUDE_FILES = "include_files" Boolean "List files. Default is true.";
    FULL_TREE = "full_tree" Boolean "List the contents of all sub-folders as well.";
    INCLUDE_PROPERTIES = "include_properties" Boolean "Return the properties of the folder or file itself.";
    CONTENT = "content" Boolean "Add the content of the file to its properties.";
    IS_BASE64 = "is_base64" Boolean "Whether that content is in base64. Default is true; false gives plain text.";
    DOWNLOAD = "download" Boolean "Have browsers save the file instead of showing it.";
    ZIP = "zip" Boolean "Return the content of the folder as a zip file.";
    SEARCH = "search" Text "Only folders and files whose names contain this, in any case.";
    AS_LIST = "as_list" Boolean "Return only a list of paths.";
    AS_ACCESS_LIST = "as_access_list" Boolean "Return the components that a role can grant.";
    FIELDS = "fields" List "Properties to return of each folder and file; '*' for all.";
    ID_FIELD = "id_field" Text "Property that as_list returns. Default is the path.";
    URL = "url" Text "URL of a file that is fetched and stored.";
    FILENAME = "filename" Text "Name under which it is stored. Default is the last part of the URL.";
    EXTRACT = "extract" Boolean "Unpack a zip file that is sent into the folder.";
    CLEAN = "clean" Boolean "Empty the folder before that.";
    CHECK_EXIST = "check_exist" Boolean "Refuse to replace a file that exists.";
    FORCE = "force" Boolean "Delete folders with all that is in them.";
    CONTENT_ONLY = "content_only" Boolean "Delete what is in the folder, and keep the folder.";
    NO_CHECK = "no_check" Boolean "Deleting what is missing is no error.";
}
