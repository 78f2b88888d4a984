package main

import (
	"github.com/pulumi/pulumi-iotedge/sdk/go/iotedge"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(moduleOnADevice)
}

func moduleOnADevice(ctx *pulumi.Context) error {
	settings := config.New(ctx, "")
	hubID := pulumi.String(settings.Require("hubId"))
	deviceID := pulumi.String(settings.Require("deviceId"))

	device, err := iotedge.NewDevice(ctx, "device", &iotedge.DeviceArgs{HubId: hubID, DeviceId: deviceID})
	if err != nil {
		return err
	}
	_, err = iotedge.NewDeployment(ctx, "deployment", &iotedge.DeploymentArgs{
		HubId:    hubID,
		DeviceId: deviceID,
		Manifest: pulumi.Map{
			"modulesContent": pulumi.Map{
				"$edgeAgent": pulumi.Map{
					"properties.desired": pulumi.Map{
						"schemaVersion": pulumi.String("1.1"),
						"runtime":       pulumi.Map{"type": pulumi.String("docker"), "settings": pulumi.Map{}},
						"systemModules": pulumi.Map{
							"edgeAgent": systemModule("mcr.microsoft.com/azureiotedge-agent:1.6.8"),
							"edgeHub":   module("mcr.microsoft.com/azureiotedge-hub:1.6.8"),
						},
						"modules": pulumi.Map{
							"classifier": module(settings.Require("image")),
						},
					},
				},
				"$edgeHub": pulumi.Map{
					"properties.desired": pulumi.Map{
						"schemaVersion": pulumi.String("1.1"),
						"routes":        pulumi.Map{"upstream": pulumi.String("FROM /messages/* INTO $upstream")},
						"storeAndForwardConfiguration": pulumi.Map{
							"timeToLiveSecs": pulumi.Int(7200),
						},
					},
				},
			},
		},
	}, pulumi.DependsOn([]pulumi.Resource{device}))
	if err != nil {
		return err
	}

	ctx.Export("hubHostName", device.HubHostName)
	ctx.Export("connectionString", device.ConnectionString)
	return nil
}

// edgeAgent starts itself: it has no status.
func systemModule(image string) pulumi.Map {
	return pulumi.Map{
		"type":     pulumi.String("docker"),
		"settings": pulumi.Map{"image": pulumi.String(image)},
	}
}

func module(image string) pulumi.Map {
	return pulumi.Map{
		"type":          pulumi.String("docker"),
		"status":        pulumi.String("running"),
		"restartPolicy": pulumi.String("always"),
		"settings":      pulumi.Map{"image": pulumi.String(image)},
	}
}
