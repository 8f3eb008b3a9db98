// Command kube is every Kubernetes component in one binary, chosen by the name it is called by.
//
// In: a symbolic link such as kube-apiserver -> kube, and that component's own flags.
// Out: the component itself, unchanged; under any other name it is kubectl.
package main

import (
	"context"
	"os"
	"path/filepath"
	_ "time/tzdata" // CronJobs name time zones, and a small machine may have no zone files

	"github.com/spf13/cobra"
	"k8s.io/component-base/cli"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

func main() {
	os.Exit(cli.Run(component(filepath.Base(os.Args[0]))))
}

func component(name string) *cobra.Command {
	switch name {
	case "kube-apiserver":
		return apiserver.NewAPIServerCommand()
	case "kube-controller-manager":
		return controllermanager.NewControllerManagerCommand()
	case "kube-scheduler":
		return scheduler.NewSchedulerCommand()
	case "kubelet":
		return kubelet.NewKubeletCommand(context.Background()) // it sets up its signals itself
	case "kube-proxy":
		return proxy.NewProxyCommand()
	default:
		return kubectl.NewDefaultKubectlCommand()
	}
}
