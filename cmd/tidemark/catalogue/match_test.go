package catalogue

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func catalogueOf(system System, database string, names ...string) *Catalogue {
	var tables []*Table
	for _, name := range names {
		schema, table, _ := strings.Cut(name, "|")
		tables = append(tables, &Table{Schema: schema, Name: table, Columns: []Column{{Name: "id"}}, Key: []string{"id"}})
	}
	return New(system, database, tables)
}

func TestTopicsFindTheirTables(t *testing.T) {
	postgres := catalogueOf(Postgres, "shop", "public|orders", "crm|orders", "public|a.b", "public|Ü x", "public|Ä x", "public|alone")
	mysql := catalogueOf(MySQL, "shop", "shop|orders", "crm|orders")
	for _, c := range []struct {
		of     *Catalogue
		topic  string
		origin Origin
		want   string
		err    error
	}{
		{postgres, "shop.public.orders", Origin{}, "public.orders", nil},
		{postgres, "eu.shop.crm.orders", Origin{}, "crm.orders", nil},
		{postgres, "public.orders", Origin{}, "public.orders", nil},
		{postgres, "shop.public.a.b", Origin{}, "public.a.b", nil},
		{postgres, "shop.public._x", Origin{}, "", ErrNoTable},
		{postgres, "shop.public.__x", Origin{}, "", ErrSeveral},
		{postgres, "shop.public.__x", Origin{Database: "shop", Schema: "public", Table: "Ü x"}, "public.Ü x", nil},
		{postgres, "alone", Origin{}, "public.alone", nil},
		{postgres, "orders", Origin{}, "", ErrSeveral},
		{postgres, "routed", Origin{Table: "alone"}, "public.alone", nil},
		{postgres, "routed", Origin{Database: "shop", Schema: "crm", Table: "orders"}, "crm.orders", nil},
		{postgres, "shop.public.orders", Origin{Database: "other", Schema: "public", Table: "orders"}, "", ErrElsewhere},
		{postgres, "shop.public.gone", Origin{Database: "shop", Schema: "public", Table: "gone"}, "", ErrNoTable},
		{mysql, "p.crm.orders", Origin{}, "crm.orders", nil},
		{mysql, "routed", Origin{Database: "crm", Table: "orders"}, "crm.orders", nil},
		{mysql, "maxwell", Origin{Database: "other", Table: "orders"}, "", ErrNoTable},
	} {
		found, err := c.of.Find(c.topic, c.origin)
		if !errors.Is(err, c.err) || err == nil && found.FullName() != c.want || err != nil && found != nil {
			t.Errorf("%s %+v: %v %v, want %q %v", c.topic, c.origin, found, err, c.want, c.err)
		}
	}
	if _, prefix := postgres.OfTopic("eu.shop.crm.orders"); prefix != "eu.shop" {
		t.Errorf("prefix %q", prefix)
	}
	if mysql.Chosen(mysql.Tables[1]) || !mysql.Chosen(mysql.Tables[0]) || !postgres.Chosen(postgres.Tables[1]) {
		t.Error("the address names one database of MySQL, and all schemas of PostgreSQL")
	}
}

// No error of an address shows the password that stands in it.
func TestPasswordsAreInNoError(t *testing.T) {
	for _, address := range []string{
		"postgres://me:s3cret@127.0.0.1:1/shop", "mysql://me:s3cret@127.0.0.1:1/shop", "mariadb://me:s3cret@127.0.0.1:1/shop",
		"oracle://me:s3cret@127.0.0.1/shop", "postgres://me:s3cret@127.0.0.1:port/shop", "postgres://me:s3cret@127.0.0.1:1/shop?sslmode=what",
		"me:s3cret@127.0.0.1", "mysql://me:s3cret@127.0.0.1:1/shop?tls=what", "postgres://me:s3cret%zz@h/shop", "host=127.0.0.1 password=s3cret port=1", "://s3cret",
	} {
		c, err := Read(context.Background(), address)
		if err == nil {
			t.Fatalf("%s gave %+v", address, c)
		}
		if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", address, err)
		}
	}
}
