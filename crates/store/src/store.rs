//! Opening: migrations, the first start, the key; and the generation number.

use crate::cipher::Cipher;
use crate::clock::stamp;
use crate::config::ServiceTypes;
use crate::schema::{Ddl, LOCK, MIGRATION, MIGRATIONS, TEMPLATES, Table};
use crate::seed;
use crate::statements::{Statements, problem};
use contract::Problem;
use driver::{Driver, Statement, Transaction};
use sql::{Dialect, Expr, Scalar};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

/// Where the check of the key is kept; bound into what is sealed.
const KEY_PLACE: &str = "instance.key_check";

/// The system database. Cheap to clone.
#[derive(Clone)]
pub struct Store(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) driver: Arc<dyn Driver>,
    pub(crate) dialect: &'static dyn Dialect,
    pub(crate) cipher: Cipher,
    pub(crate) types: Arc<dyn ServiceTypes>,
    pub(crate) generation: AtomicI64,
    /// Writers of this process wait here in turn rather than inside the database.
    pub(crate) writer: Arc<tokio::sync::Mutex<()>>,
    /// Whether changes are written to the audit.
    pub(crate) audited: AtomicBool,
    instance_id: String,
}

impl Store {
    /// Opens the system database: applies the migrations that are missing and, at the first start, puts in the
    /// seeded rows. `key` seals secrets; opening with another key than the first time fails with a sentence that
    /// says so.
    pub async fn open(
        driver: Arc<dyn Driver>,
        dialect: &'static dyn Dialect,
        ddl: Ddl,
        key: [u8; 32],
        types: Arc<dyn ServiceTypes>,
    ) -> Result<Store, Problem> {
        let cipher = Cipher::new(&key);
        make_table(&*driver, dialect, &ddl, MIGRATION).await?;
        let alone = match ddl.shared {
            true => Some(alone(&*driver, dialect, &ddl).await?),
            false => None,
        };
        migrate(&*driver, dialect, &ddl).await?;
        let instance = seed::instance(&*driver, dialect, &cipher, &*types).await?;
        if let Some(alone) = alone {
            alone.commit().await.map_err(problem)?;
        }
        cipher.open(KEY_PLACE, &instance.key_check).map_err(|p| {
            Problem::new(
                p.kind,
                "APP_KEY is not the key that this system database was made with.",
            )
            .with_source(p)
        })?;
        Ok(Store(Arc::new(Inner {
            driver,
            dialect,
            cipher,
            types,
            generation: AtomicI64::new(instance.generation),
            writer: Arc::default(),
            audited: AtomicBool::new(false),
            instance_id: instance.instance_id,
        })))
    }

    /// The generation that this process knows of: raised by every committed write of policy.
    pub fn generation(&self) -> i64 {
        self.0.generation.load(Ordering::Acquire)
    }

    /// Reads the generation from the database, for writes of other nodes, and publishes it.
    pub async fn poll_generation(&self) -> Result<i64, Problem> {
        let generation = read_generation(&self.statements()).await?;
        self.publish(generation);
        Ok(self.generation())
    }

    /// The id that this instance was given at its first start.
    pub fn instance_id(&self) -> &str {
        &self.0.instance_id
    }

    /// The connection, for the backend that reads `/system/*`.
    pub fn driver(&self) -> Arc<dyn Driver> {
        self.0.driver.clone()
    }

    /// The dialect of the connection.
    pub fn dialect(&self) -> &'static dyn Dialect {
        self.0.dialect
    }

    /// Whether the database answers.
    pub async fn check(&self) -> Result<(), Problem> {
        self.0.driver.check().await.map_err(problem)
    }

    pub(crate) fn publish(&self, generation: i64) {
        self.0.generation.fetch_max(generation, Ordering::AcqRel);
    }

    pub(crate) fn statements(&self) -> Statements<'_> {
        Statements {
            executor: &*self.0.driver,
            dialect: self.0.dialect,
        }
    }
}

pub(crate) async fn read_generation(statements: &Statements<'_>) -> Result<i64, Problem> {
    let row = statements
        .first("instance", &["id", "generation"], Expr::eq("id", 1))
        .await?;
    row.and_then(|r| r.int("generation"))
        .ok_or_else(|| Problem::internal("the system database has lost its instance row"))
}

/// Takes the instance's row, so that no other node writes at the same time, and reads the generation.
pub(crate) async fn take_generation(statements: &Statements<'_>) -> Result<i64, Problem> {
    // Writing the number onto itself takes the row before it is read.
    let same = vec![("generation", Expr::column("generation"))];
    statements.update("instance", same, Expr::eq("id", 1)).await?;
    read_generation(statements).await
}

/// Writes the generation.
pub(crate) async fn set_generation(statements: &Statements<'_>, generation: i64) -> Result<(), Problem> {
    let set = vec![("generation", Expr::Bind(Scalar::Int(generation)))];
    statements.update("instance", set, Expr::eq("id", 1)).await?;
    Ok(())
}

/// The value that tells later whether the key is still the same.
pub(crate) fn key_check(cipher: &Cipher) -> Result<String, Problem> {
    cipher.seal(KEY_PLACE, "the key of this instance")
}

/// How often a table that another process may just be making is looked for, and how long is waited in between.
const LOOKS: u32 = 50;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// Makes a table with a column `number` where there is none. Of several processes one makes it, and the others find it.
async fn make_table(
    driver: &dyn Driver,
    dialect: &'static dyn Dialect,
    ddl: &Ddl,
    table: Table,
) -> Result<(), Problem> {
    let statements = Statements {
        executor: driver,
        dialect,
    };
    let mut looks = 0;
    loop {
        if statements.find(table.name, &["number"], None).await.is_ok() {
            return Ok(());
        }
        // No such table yet, or no database: making it tells the two apart.
        let tx = driver.begin().await.map_err(problem)?;
        let made = match run(&*tx, table.create(ddl, dialect)).await {
            Ok(()) => tx.commit().await.map_err(problem),
            Err(problem) => Err(problem),
        };
        match made {
            Ok(()) => return Ok(()),
            Err(problem) if !ddl.shared || looks == LOOKS => return Err(problem),
            Err(_) => {}
        }
        looks += 1;
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

/// A transaction that only one process can hold: that of the first start and of migrations.
async fn alone(
    driver: &dyn Driver,
    dialect: &'static dyn Dialect,
    ddl: &Ddl,
) -> Result<Box<dyn Transaction>, Problem> {
    make_table(driver, dialect, ddl, LOCK).await?;
    let statements = Statements {
        executor: driver,
        dialect,
    };
    // Two processes may both put a row in: then both rows are held.
    if statements.count(LOCK.name, None).await? == 0 {
        statements
            .put(LOCK.name, vec![("number", Scalar::Int(0))])
            .await?;
    }
    let tx = driver.begin().await.map_err(problem)?;
    let held = Statements {
        executor: &*tx,
        dialect,
    };
    let itself = vec![("number", Expr::column("number"))];
    held.update(LOCK.name, itself, Expr::eq("number", 0)).await?;
    Ok(tx)
}

async fn migrate(driver: &dyn Driver, dialect: &'static dyn Dialect, ddl: &Ddl) -> Result<(), Problem> {
    let statements = Statements {
        executor: driver,
        dialect,
    };
    let rows = statements.find(MIGRATION.name, &["number"], None).await?;
    let applied: Vec<i64> = rows.iter().filter_map(|row| row.int("number")).collect();
    for (number, name, makes) in MIGRATIONS
        .iter()
        .filter(|(number, _, _)| !applied.contains(number))
    {
        let tx = driver.begin().await.map_err(problem)?;
        run(&*tx, makes.statements(ddl, dialect)).await?;
        let statements = Statements {
            executor: &*tx,
            dialect,
        };
        if *number == TEMPLATES {
            seed::templates::plant(&statements).await?;
        }
        let values = vec![
            ("number", Scalar::Int(*number)),
            ("name", Scalar::from(*name)),
            ("applied_date", Scalar::from(stamp())),
        ];
        statements.put(MIGRATION.name, values).await?;
        tx.commit().await.map_err(problem)?;
        tracing::info!(number, name, "the system database was migrated");
    }
    Ok(())
}

async fn run(tx: &dyn Transaction, statements: Vec<String>) -> Result<(), Problem> {
    for text in statements {
        tx.write(Statement::fixed(text)).await.map_err(problem)?;
    }
    Ok(())
}
