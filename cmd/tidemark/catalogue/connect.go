package catalogue

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// System is a kind of database.
type System string

// The kinds of databases. MySQL is MariaDB as well.
const (
	Postgres System = "PostgreSQL"
	MySQL    System = "MySQL"
)

// ErrAddress is returned for an address of no known database.
var ErrAddress = errors.New("want an address such as postgres://user:password@host:5432/database or mysql://user:password@host:3306/database")

// Connect prepares connections to the database at an address, a postgres://, mysql:// or
// mariadb:// URL, which only read. The database shows them under the name of who asks.
func Connect(address, who string) (*sql.DB, System, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, "", ErrAddress // the error of url.Parse would show the password
	}
	var db *sql.DB
	var system System
	switch u.Scheme {
	case "postgres", "postgresql":
		system = Postgres
		db, err = openPostgres(address, who)
	case "mysql", "mariadb":
		system = MySQL
		db, err = openMySQL(u)
	default:
		return nil, "", ErrAddress
	}
	if err != nil {
		return nil, "", fmt.Errorf("connect to the source database: %w", err)
	}
	return db, system, nil
}

func openPostgres(address, who string) (*sql.DB, error) {
	c, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, err
	}
	for name, value := range map[string]string{
		"timezone": "UTC", "datestyle": "ISO, YMD", "intervalstyle": "iso_8601", "extra_float_digits": "3",
		"default_transaction_read_only": "on", "application_name": who,
	} {
		c.RuntimeParams[name] = value
	}
	return stdlib.OpenDB(*c), nil
}

func openMySQL(u *url.URL) (*sql.DB, error) {
	c := mysql.NewConfig()
	c.Net, c.Addr, c.DBName = "tcp", u.Host, strings.TrimPrefix(u.Path, "/")
	if u.Port() == "" {
		c.Addr += ":3306"
	}
	c.User = u.User.Username()
	c.Passwd, _ = u.User.Password()
	c.Timeout, c.Loc = 10*time.Second, time.UTC
	c.TLSConfig = u.Query().Get("tls")
	c.Params = map[string]string{"time_zone": "'+00:00'"}
	connector, err := mysql.NewConnector(c)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}
