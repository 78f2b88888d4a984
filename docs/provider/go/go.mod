module module-on-a-device

go 1.26

require (
	github.com/pulumi/pulumi-iotedge/sdk/go v0.1.0
	github.com/pulumi/pulumi/sdk/v3 v3.259.0
)

replace github.com/pulumi/pulumi-iotedge/sdk/go => ../../../sdk/go
