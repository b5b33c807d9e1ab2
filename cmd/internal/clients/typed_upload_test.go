package clients

import (
	"bytes"
	"image"
	"image/png"
	"testing"

	"github.com/piusalfred/whatsapp/business"
	"github.com/piusalfred/whatsapp/uploads"
)

// TestTypedUpload uploads a picture in a session, and puts it into the profile by
// its handle.
func TestTypedUpload(t *testing.T) {
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 640, 640))); err != nil {
		t.Fatal(err)
	}
	conf := typedConfig()
	conf.AppID = "1000000000000001"
	client, ctx := uploads.NewBaseClient(reading(conf), anySender()), t.Context()
	begun, err := client.InitUploadSession(ctx, &uploads.InitUploadSessionRequest{FileName: "me.png", FileLength: int64(picture.Len()), FileType: "image/png"})
	if err != nil {
		t.Fatal(err)
	}
	status, err := client.GetUploadStatus(ctx, begun.ID)
	if err != nil || status.ID != begun.ID || status.FileOffset != 0 {
		t.Errorf("status: %+v %v", status, err)
	}
	done, err := client.UploadChunk(ctx, &uploads.UploadChunkRequest{UploadSessionID: begun.ID, FileReader: bytes.NewReader(picture.Bytes())})
	if err != nil || done.FileHandle == "" {
		t.Fatalf("upload: %+v %v", done, err)
	}
	profile := business.NewBaseClient(&business.BaseSender{Sender: anySender()}, reading(conf))
	if ok, err := profile.Update(ctx, &business.UpdateProfileRequest{MessagingProduct: "whatsapp", ProfilePictureHandle: done.FileHandle}); err != nil || !ok {
		t.Errorf("profile: %t %v", ok, err)
	}
	_, err = client.UploadChunk(ctx, &uploads.UploadChunkRequest{UploadSessionID: begun.ID, FileReader: bytes.NewReader(picture.Bytes()[:100])})
	refusal(t, err, 100, "file_length")
}
