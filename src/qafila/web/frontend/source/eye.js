// Reads bar codes in pictures of the camera where the browser cannot do it by itself: zxing-cpp as WebAssembly. It is
// fetched only when the camera is opened, and then kept by the scanner's service worker like all built files.
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";

const FORMATS = ["EAN13", "EAN8", "UPCA", "UPCE", "Code128", "Code39", "ITF", "DataBar", "DataBarExp", "QRCode", "DataMatrix"];

// A reader with the one method of a BarcodeDetector that the scanner uses. `wasm`: where the program lies.
export async function eye(wasm) {
  await prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: true });
  const canvas = document.createElement("canvas"), brush = canvas.getContext("2d", { willReadFrequently: true });
  return {
    async detect(film) {
      if (!film.videoWidth) return [];
      const scale = Math.min(1, 1280 / film.videoWidth);
      canvas.width = Math.round(film.videoWidth * scale);
      canvas.height = Math.round(film.videoHeight * scale);
      brush.drawImage(film, 0, 0, canvas.width, canvas.height);
      const picture = brush.getImageData(0, 0, canvas.width, canvas.height);
      const found = await readBarcodes(picture, { formats: FORMATS, tryHarder: true, maxNumberOfSymbols: 1 });
      return found.filter((one) => one.isValid && one.text).map((one) => ({ rawValue: one.text }));
    },
  };
}
