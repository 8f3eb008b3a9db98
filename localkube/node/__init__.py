"""A real node for tests of running pods: kubelet, containerd, runc and CNI beside the control plane.

All of it lives in network, mount and process namespaces of its own, which the kernel takes down with the
first process in them; the machine sees only cgroups, which the next start removes at the latest.
"""
