"""Vietnamese: two syllables of a word are one here, as `huấn luyện` in `huấnluyện`."""

# Plain spelling keeps đ, so that a word with it stands in both spellings.
WORDS = {
    "train": "huấnluyện",
    "test": "kiểmtra kiểmthử",
    "median": "trungvị",
    "unlabelled": "khôngnhãn chưagán",
    "validation": "kiểmđịnh kiemdinh",
    "image": "ảnh hìnhảnh",
    "mask": "mặtnạ phânđoạn phandoan chúthích",
    "label": "nhãn lớp loại",
    "group": "bệnhnhân nhóm người",
    "person": "bệnhnhân người",
    "count": "sốlượng",
    "background": "nền",
    "void": "bỏqua khôngrõ khôngnhãn",
    "negation": "không chưa",
    "labelled": "nhãn gánnhãn chúthích",
    "class list": "lớp",
    "colour list": "chúgiải",
    "sent": "nộp",
    "correction": "đínhchính sửa",
    "left out": "loạibỏ",
    "black": "đen",
    "white": "trắng",
    "paper": "giấy",
    "none": "không lành khỏe nguyên",
    "least": "nhỏ thấp kém yếu nhẹ",
    "most": "lớn cao tốt mạnh nặng",
    "in order": "tăng giảm",
    "frequent": "phổ hiếm",
    "marked": "chấm",
    "range from": "từ",
    "range through": "qua",
    "range to": "đến tới",
    "by": "theo bằng",
    "left side": "trái",
    "top side": "trên",
    "right side": "phải",
    "bottom side": "dưới",
    "folder": "thưmục",
}

PHRASES = {
    "leave out": "loại bỏ | bỏ qua | không sử dụng | đừng sử dụng | không dùng",
    "how many": "bao nhiêu | đếm | số lượng",
    "accuracy": "độ chính xác",
    "plain metric": "tổng thể | trung bình",
    "balanced": "cân bằng",
    "by class": "theo/mỗi lớp | trên mỗi lớp",
    "weighted": "có trọng số",
    "quadratic": "bậc hai",
}

RUNS = {
    "zero": "",  # its word, không, is "not", too
    "one": "một",
    "pixels": "điểm ảnh | pixel* | rle | mã hóa | mã hoá | vị trí bắt đầu | bắt đầu (và) độ dài",
    "others": "lớp | nhãn | giá trị | mức | tệp | tập tin | kênh | lát cắt | khung hình | bài nộp"
    " | đáp án | bảng",
    "count": "đếm | đánh số | bắt đầu | tính | chỉ số",
    "from": "từ (số/pixel) {n} | từ điểm ảnh (số) {n} | từ chỉ số {n}",
    "first": "điểm ảnh đầu tiên là/có/= (số) {n} | pixel đầu tiên là/có/= (số) {n}"
    " | {n} là điểm ảnh đầu tiên | {n} là pixel đầu tiên",
    "rightwards": "trái sang phải | trái qua phải",
    "downwards": "trên xuống dưới | trên xuống",
    "then": "sau đó | rồi | tiếp theo | tiếp đến",
    "and": "và",
    "links": "từ | đến",
    "rows": "từng hàng",
    "columns": "từng cột",
    "carry": "được | là | các | chúng | theo | thứ tự | đầu tiên | trước tiên | trước | luôn"
    " | tất cả | đi | lần lượt | góc | trên | bên | trái",
    "relative": "tương đối | khoảng cách | chênh lệch | delta* | trước đó | liền trước | so với",
    "not": "không | chưa | đừng | thay vì | nếu | khi",
    "lengths": "độ dài | chiều dài",
    "ends": "bắt đầu (và) kết thúc | đầu (và) cuối",
}
