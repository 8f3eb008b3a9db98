// Command etcd is one etcd member for tests: on loopback, without TLS, without fsync.
//
// In: a data folder. Out: a store that lives as long as the process; once it
// answers it prints its client URL, whose port the system chose, so that several never collide.
// Losing power would lose its data, which tests throw away anyway.
package main

import (
	"flag"
	"fmt"
	"net/url"
	"os"

	"go.etcd.io/etcd/server/v3/embed"
)

func main() {
	dir := flag.String("data-dir", "", "folder for the data")
	flag.Parse()
	if err := serve(*dir); err != nil {
		fmt.Fprintln(os.Stderr, "etcd:", err)
		os.Exit(1)
	}
}

func serve(dir string) error {
	anyPort := []url.URL{{Scheme: "http", Host: "127.0.0.1:0"}}
	config := embed.NewConfig()
	config.Dir = dir
	config.ListenClientUrls, config.AdvertiseClientUrls = anyPort, anyPort
	config.ListenPeerUrls, config.AdvertisePeerUrls = anyPort, anyPort
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	config.UnsafeNoFsync = true
	config.LogLevel = "error" // "warn" logs every request that the API server makes before it has leases
	server, err := embed.StartEtcd(config)
	if err != nil {
		return err
	}
	<-server.Server.ReadyNotify()
	fmt.Printf("http://%s\n", server.Clients[0].Addr())
	return <-server.Err()
}
